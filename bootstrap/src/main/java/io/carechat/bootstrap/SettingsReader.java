package io.carechat.bootstrap;

import io.carechat.domain.access.Scope;
import io.carechat.domain.chat.EndpointId;
import io.carechat.domain.chat.Secret;
import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.messages.Quota;
import io.carechat.domain.webhooks.WebhookEndpoint;
import io.carechat.domain.webhooks.delivery.RetryPolicy;
import io.carechat.persistence.PostgresStorage;
import io.carechat.rest.connections.AddressRange;
import io.carechat.rest.http.CrossOrigin;
import io.carechat.webhook.AllowedNetwork;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Reads {@link Settings} from a YAML file and the environment. The variable {@code
 * CARECHAT_DATABASE_POOL_SIZE} takes precedence over {@code database.pool-size}. Lists can be set
 * in the file only. For every secret {@code NAME}, the setting {@code NAME-file} may name a file
 * that holds it. {@link SettingsNode} reads single values and collects what is wrong with them;
 * this class says which settings there are.
 */
final class SettingsReader {
  private static final String PREFIX = "CARECHAT_";

  /** {@code CARECHAT_CONFIG} names the file. */
  private static final Set<String> NO_SETTINGS = Set.of("CONFIG");

  /** The number of connections to Elasticsearch. */
  private static final int MAX_SEARCHES = 64;

  private static final Duration SHORTEST_RECONCILE = Duration.ofMillis(10);
  private static final Duration LONGEST_RECONCILE = Duration.ofDays(1);

  /** What a URL may have as its path (RFC 3986, section 3.3), without a slash at its end. */
  private static final Pattern PUBLIC_PATH = Pattern.compile("(/[A-Za-z0-9._~!$&()*+,;=:@%-]+)*");

  private static final Duration SHORTEST_TOKEN = Duration.ofMinutes(1);
  private static final Duration LONGEST_TOKEN = Duration.ofDays(365);

  /** What RFC 6749 allows in the id of a client, within a bound of our own. */
  private static final Pattern PRINTABLE = Pattern.compile("[!-~]([ -~]{0,253}[!-~])?");

  /** A scope of RFC 6749, section 3.3. */
  private static final Pattern OAUTH_SCOPE = Pattern.compile("[!#-\\[\\]-~]{1,255}");

  /** With any number of hosts, and parameters of the driver. */
  private static final Pattern DATABASE_URL =
      Pattern.compile("jdbc:postgresql:(//[A-Za-z0-9._\\[\\]:%,-]*/)?[^/@?]*(\\?.*)?");

  private final SettingsNode root;

  private SettingsReader(SettingsNode root) {
    this.root = root;
  }

  /**
   * Reads the settings.
   *
   * @param file null to use the environment alone; relative paths in it are relative to its folder
   * @param environment such as {@link System#getenv()}
   * @throws InvalidSettings if they cannot be used; it names everything that is wrong
   */
  static Settings read(@Nullable Path file, Map<String, String> environment) {
    Path folder = file == null ? null : file.toAbsolutePath().getParent();
    return new SettingsReader(
            SettingsNode.root(
                file == null ? SettingsFile.empty() : SettingsFile.read(file),
                Objects.requireNonNullElse(folder, Path.of("")),
                withoutPrefix(environment)))
        .settings();
  }

  /**
   * Returns the names of the settings that are asked for while a file is read, whatever is wrong
   * with it.
   */
  static Set<String> names(Path file) {
    SettingsNode root = SettingsNode.root(SettingsFile.read(file), Path.of(""), Map.of());
    try {
      Settings _ = new SettingsReader(root).settings();
    } catch (InvalidSettings e) {
      // All settings were asked for before it was thrown.
    }
    return root.names();
  }

  private static Map<String, String> withoutPrefix(Map<String, String> environment) {
    var ours = new TreeMap<String, String>();
    environment.forEach((name, value) -> {
      if (name.startsWith(PREFIX)) {
        ours.put(name.substring(PREFIX.length()), value);
      }
    });
    return ours;
  }

  private Settings settings() {
    var settings =
        new Settings(
            publicUrl(),
            http(),
            database(),
            search(),
            root.list("api-keys", SettingsReader::apiKey),
            root.list("issuers", SettingsReader::issuer),
            webhooks(),
            rateLimit(),
            secretsKeys(),
            streams(),
            userIdKey(),
            root.list("quotas", SettingsReader::quota),
            new Settings.Console(
                root.isTrue("console.enabled", true),
                root.list("console.frame-origins", SettingsReader::frameOrigins)));
    root.refuseUnknown(PREFIX, NO_SETTINGS);
    refuseDuplicates(settings);
    if (!root.faults().isEmpty()) {
      throw new InvalidSettings(root.faults());
    }
    return settings;
  }

  private URI publicUrl() {
    URI url = root.requiredUrl("public-url");
    if (!Set.of("http", "https").contains(String.valueOf(url.getScheme()))
        || url.getHost() == null
        || url.getRawQuery() != null
        || url.getRawFragment() != null
        || !PUBLIC_PATH.matcher(String.valueOf(url.getRawPath())).matches()) {
      root.fault(
          "public-url",
          "must be http or https with a host, without a slash at the end, such as https://chat.example.org or"
              + " https://example.org/chat");
    }
    return url;
  }

  private Settings.Http http() {
    String host = root.text("http.host").orElse("0.0.0.0");
    List<String> proxies = root.texts("http.trusted-proxies");
    for (String proxy : proxies) {
      try {
        AddressRange.parse(proxy);
      } catch (IllegalArgumentException notARange) {
        root.fault(
            "http.trusted-proxies", "must be addresses or networks such as 10.0.0.0/8 or fd00::/8");
      }
    }
    List<String> origins = root.texts("http.allowed-origins");
    checkOrigins(root, "http.allowed-origins", origins);
    var defaults = new Settings.Http(host, 0);
    return new Settings.Http(
        host,
        root.number("http.port", 8080, 0, 65_535),
        management(host),
        proxies,
        root.number("http.connections", defaults.connections(), 1, 1_000_000),
        root.number("http.connections-per-address", defaults.connectionsPerAddress(), 1, 1_000_000),
        origins);
  }

  private Optional<Settings.Listener> management(String host) {
    String managementHost = root.text("http.management-host").orElse(host);
    return root.text("http.management-port")
        .map(_ ->
            new Settings.Listener(
                managementHost, root.number("http.management-port", 0, 0, 65_535)));
  }

  private Settings.Database database() {
    return new Settings.Database(
        databaseUrl(),
        root.requiredText("database.user"),
        root.requiredSecret("database.password"),
        root.number("database.pool-size", 16, 2, 200),
        root.login("database.owner"));
  }

  /** The driver would log a part of a URL that it cannot read, which may be a password. */
  private String databaseUrl() {
    String url = root.requiredText("database.url");
    if (!DATABASE_URL.matcher(url).matches()) {
      root.fault(
          "database.url",
          "must be jdbc:postgresql://HOST:PORT/DATABASE, without a user and a password");
    }
    return url;
  }

  private Settings.Search search() {
    Duration reconcileEvery = root.duration("search.reconcile-every", Duration.ofSeconds(5));
    if (reconcileEvery.compareTo(SHORTEST_RECONCILE) < 0
        || reconcileEvery.compareTo(LONGEST_RECONCILE) > 0) {
      root.fault("search.reconcile-every", "must be from PT0.01S to P1D");
    }
    return new Settings.Search(
        root.requiredUrl("search.url"),
        root.text("search.index").orElse("carechat"),
        root.login("search"),
        root.secret("search.api-key"),
        root.number("search.shards", 1, 1, 100),
        root.number("search.replicas", 0, 0, 10),
        reconcileEvery,
        searchConcurrency());
  }

  private Settings.SearchConcurrency searchConcurrency() {
    Settings.SearchConcurrency defaults = Settings.SearchConcurrency.DEFAULT;
    return new Settings.SearchConcurrency(
        root.number("search.concurrent", defaults.total(), 1, MAX_SEARCHES),
        root.number("search.concurrent-per-instance", defaults.perInstance(), 1, MAX_SEARCHES),
        root.number("search.concurrent-per-credential", defaults.perCredential(), 1, MAX_SEARCHES),
        root.number("search.concurrent-per-patient", defaults.perPatient(), 1, MAX_SEARCHES));
  }

  private static ConfiguredApiKeys.@Nullable Key apiKey(SettingsNode item) {
    String id = item.requiredText("id");
    TenantInstance instance = instance(item);
    String hash = item.requiredText("sha256");
    var scopes = EnumSet.noneOf(Scope.class);
    for (String scope : item.requiredTexts("scopes")) {
      Scope.ofWireName(scope)
          .ifPresentOrElse(scopes::add, () -> item.fault("scopes", "can only have " + Main.SCOPES));
    }
    Instant expires = item.value("expires", Instant::parse).orElse(null);
    if (instance == null) {
      return null;
    }
    try {
      return new ConfiguredApiKeys.Key(id, instance, hash, scopes, expires);
    } catch (IllegalArgumentException e) {
      // Its message begins with the name of the setting.
      String[] nameAndText = String.valueOf(e.getMessage()).split(": ", 2);
      item.fault(nameAndText[0], nameAndText[1]);
      return null;
    }
  }

  private static Settings.Issuer issuer(SettingsNode item) {
    Optional<Path> file = item.path("jwks-file");
    Optional<URI> url = item.url("jwks-url");
    if (file.isPresent() == url.isPresent()) {
      item.fault("", "needs one of jwks-file and jwks-url");
    }
    if (url.isPresent()
        && (!Set.of("http", "https").contains(String.valueOf(url.get().getScheme()))
            || url.get().getHost() == null)) {
      item.fault("jwks-url", "must be http or https with a host");
    }
    List<InstancePattern> instances =
        item.texts("instances").stream()
            .flatMap(text -> item.parsed("instances", text, InstancePattern::parse).stream())
            .toList();
    Duration maxLifetime = item.duration("max-lifetime", Settings.Issuer.DEFAULT_MAX_LIFETIME);
    if (maxLifetime.compareTo(SHORTEST_TOKEN) < 0 || maxLifetime.compareTo(LONGEST_TOKEN) > 0) {
      item.fault("max-lifetime", "must be from PT1M to P365D");
    }
    String issuer = item.requiredText("issuer");
    String audience = item.requiredText("audience");
    return new Settings.Issuer(
        issuer, audience, file, url, instances, maxLifetime, openIdLogin(item, issuer, audience));
  }

  /** Reads how people sign in at an issuer. */
  private static Optional<Settings.OpenIdLogin> openIdLogin(
      SettingsNode item, String issuer, String audience) {
    Optional<String> clientId = item.text("login.client-id");
    Optional<Secret> clientSecret = item.secret("login.client-secret");
    List<String> scopes = item.texts("login.scopes");
    if (clientId.isEmpty() && clientSecret.isEmpty() && scopes.isEmpty()) {
      return Optional.empty();
    }
    String id = item.requiredText("login.client-id");
    if (!PRINTABLE.matcher(id).matches()) {
      item.fault(
          "login.client-id",
          "must have 1 to 255 printable ASCII characters, without a space at its ends");
    }
    if (id.equals(audience)) {
      item.fault(
          "login.client-id",
          "must differ from audience. Otherwise the ID tokens of people would be bearer tokens too");
    }
    if (!OpenIdAddresses.isIssuer(issuer)) {
      item.fault(
          "issuer",
          "must be an https URL without a query if there is a login (http only on this machine), such as"
              + " https://id.example.org");
    }
    if (!scopes.isEmpty()
        && !(scopes.contains("openid")
            && scopes.stream().allMatch(scope -> OAUTH_SCOPE.matcher(scope).matches()))) {
      item.fault("login.scopes", "must be names of scopes, without spaces, and openid among them");
    }
    return Optional.of(
        new Settings.OpenIdLogin(
            id, clientSecret, scopes.isEmpty() ? Settings.OpenIdLogin.DEFAULT_SCOPES : scopes));
  }

  private static Settings.@Nullable InstanceQuota quota(SettingsNode item) {
    List<InstancePattern> instances = requiredInstances(item);
    OptionalLong messages = count(item, "messages-per-day");
    OptionalLong bytes = count(item, "stored-bytes");
    return item.made(() -> new Settings.InstanceQuota(instances, new Quota(messages, bytes)));
  }

  private static List<InstancePattern> requiredInstances(SettingsNode item) {
    return item.requiredTexts("instances").stream()
        .flatMap(text -> item.parsed("instances", text, InstancePattern::parse).stream())
        .toList();
  }

  private static Settings.FrameOrigins frameOrigins(SettingsNode item) {
    List<InstancePattern> instances = requiredInstances(item);
    List<String> origins = item.requiredTexts("origins");
    checkOrigins(item, "origins", origins);
    return new Settings.FrameOrigins(instances, origins);
  }

  private static void checkOrigins(SettingsNode node, String name, List<String> origins) {
    if (!origins.stream().allMatch(CrossOrigin::isOrigin)) {
      node.fault(
          name,
          "must be origins as browsers write them, such as https://app.example.org: in small letters, without a"
              + " path, and without the usual port");
    }
  }

  private static OptionalLong count(SettingsNode item, String name) {
    return item.value(name, Long::parseLong).map(OptionalLong::of).orElseGet(OptionalLong::empty);
  }

  private static @Nullable TenantInstance instance(SettingsNode item) {
    String tenant = item.requiredText("tenant");
    String instance = item.requiredText("instance");
    return item.made(() -> new TenantInstance(tenant, instance));
  }

  private Settings.Webhooks webhooks() {
    return new Settings.Webhooks(
        root.isTrue("webhooks.allow-http"),
        root.list("webhooks.allowed-networks", SettingsReader::allowedNetwork),
        retryWaits(),
        root.list("webhooks.endpoints", SettingsReader::endpoint),
        new Settings.DeliveryHistory(
            positive("webhooks.disable-after", Settings.DeliveryHistory.DEFAULT.disableAfter()),
            positive("webhooks.keep-delivered", Settings.DeliveryHistory.DEFAULT.keepDelivered())));
  }

  private static @Nullable AllowedNetwork allowedNetwork(SettingsNode item) {
    Optional<String> only = item.onlyText();
    if (only.isPresent()) {
      item.fault(
          "",
          "must say what is allowed in the network, for example {network: "
              + only.get()
              + ", ports: [443], instances: [test-den/chat2]}");
      return null;
    }
    String network = item.requiredText("network");
    List<String> ports = item.requiredTextOrTexts("ports");
    List<String> instances = item.requiredTextOrTexts("instances");
    boolean showAnswers = item.isTrue("show-answers");
    return item.made(() ->
        new AllowedNetwork(
            network,
            allOr(ports, Integer::valueOf),
            allOr(instances, SettingsReader::instance),
            showAnswers));
  }

  /** Reads the values of a list. The word "all" instead of a list gives null. */
  private static <T> @Nullable Set<T> allOr(List<String> texts, Function<String, T> reader) {
    return texts.equals(List.of("all"))
        ? null
        : texts.stream().map(reader).collect(Collectors.toUnmodifiableSet());
  }

  private static TenantInstance instance(String text) {
    String[] names = text.split("/", -1);
    if (names.length != 2) {
      throw new IllegalArgumentException(text + " is not of the form tenant/instance");
    }
    return new TenantInstance(names[0], names[1]);
  }

  private List<Duration> retryWaits() {
    var waits = new ArrayList<Duration>();
    for (String wait : root.texts("webhooks.retry-waits")) {
      try {
        waits.add(Duration.parse(wait));
      } catch (DateTimeParseException e) {
        root.fault("webhooks.retry-waits", "must be durations such as PT5S or PT2H");
      }
    }
    return waits.isEmpty() ? RetryPolicy.DEFAULT_WAITS : waits;
  }

  private Duration positive(String name, Duration otherwise) {
    Duration duration = root.duration(name, otherwise);
    if (!duration.isPositive()) {
      root.fault(name, "must be positive, for example P5D");
    }
    return duration;
  }

  private static @Nullable WebhookEndpoint endpoint(SettingsNode item) {
    TenantInstance instance = instance(item);
    EndpointId id = item.requiredValue("id", EndpointId::new, new EndpointId("0"));
    URI url = item.requiredUrl("url");
    Secret apiKey = item.requiredSecret("api-key");
    Secret apiSecret = item.requiredSecret("api-secret");
    List<Secret> signingKeys =
        Stream.of("signing-key", "next-signing-key")
            .flatMap(name -> item.secret(name).stream())
            .map(SettingsReader::signingKey)
            .toList();
    return instance == null
        ? null
        : item.made(() -> new WebhookEndpoint(instance, id, url, apiKey, apiSecret, signingKeys));
  }

  /** A signing key may have the prefix that the libraries of Standard Webhooks show it with. */
  private static Secret signingKey(Secret configured) {
    String prefix = "whsec_";
    String value = configured.value();
    return value.startsWith(prefix) ? new Secret(value.substring(prefix.length())) : configured;
  }

  private Settings.RateLimit rateLimit() {
    Settings.RateLimit defaults = Settings.RateLimit.DEFAULT;
    return new Settings.RateLimit(
        root.number("rate-limit.requests-per-minute", defaults.requestsPerMinute(), 1, 10_000_000),
        root.number(
            "rate-limit.without-credential-per-minute",
            defaults.withoutCredentialPerMinute(),
            1,
            10_000_000));
  }

  private Optional<Secret> secretsKeys() {
    Optional<Secret> keys = root.secret("secrets.key");
    try {
      keys.ifPresent(PostgresStorage::checkSecretsKeys);
    } catch (IllegalArgumentException e) {
      root.fault("secrets.key", String.valueOf(e.getMessage()));
    }
    return keys;
  }

  private Optional<Secret> userIdKey() {
    Optional<Secret> key = root.secret("logging.user-id-key");
    if (key.filter(secret -> secret.value().length() < UserIds.MIN_KEY_LENGTH).isPresent()) {
      root.fault(
          "logging.user-id-key",
          "must have " + UserIds.MIN_KEY_LENGTH + " characters or more; make it at random");
    }
    return key;
  }

  private Settings.Streams streams() {
    Settings.Streams defaults = Settings.Streams.DEFAULT;
    return new Settings.Streams(
        root.number("streams.open", defaults.open(), 1, 1_000_000),
        root.number("streams.per-instance", defaults.perInstance(), 1, 1_000_000),
        root.number("streams.per-credential", defaults.perCredential(), 1, 1_000_000),
        root.number("streams.per-patient", defaults.perPatient(), 1, 1_000_000),
        Duration.ofSeconds(
            root.number(
                "streams.heartbeat-seconds", (int) defaults.heartbeat().toSeconds(), 1, 300)));
  }

  private void refuseDuplicates(Settings settings) {
    List<ConfiguredApiKeys.Key> keys = settings.apiKeys();
    if (keys.stream().map(ConfiguredApiKeys.Key::id).distinct().count() < keys.size()) {
      root.fault("api-keys", "one id appears twice");
    }
    List<WebhookEndpoint> endpoints = settings.webhooks().endpoints();
    if (endpoints.stream().map(each -> List.of(each.instance(), each.id())).distinct().count()
        < endpoints.size()) {
      root.fault("webhooks.endpoints", "one id appears twice in one instance");
    }
    checkIssuers(settings.issuers());
  }

  /**
   * One issuer alone may be trusted for everything. With several, it must be said which of them is
   * for whom. Otherwise each could issue tokens for the patients of all others.
   */
  private void checkIssuers(List<Settings.Issuer> issuers) {
    if (issuers.stream().map(Settings.Issuer::issuer).distinct().count() < issuers.size()) {
      root.fault("issuers", "one issuer appears twice");
    }
    for (int i = 0; issuers.size() > 1 && i < issuers.size(); i++) {
      if (issuers.get(i).instances().isEmpty()) {
        root.fault(
            "issuers." + i + ".instances",
            "is missing. With several issuers, each needs the instances that it issues tokens for,"
                + " such as [\"test-den/chat2\", \"other-tenant/*\"], or [\"*/*\"] for all");
      }
    }
  }
}
