package io.carechat.bootstrap;
import io.carechat.domain.access.Scope;
import io.carechat.domain.chat.Secret;
import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.webhooks.WebhookEndpoint;
import io.carechat.domain.webhooks.delivery.RetrySchedule;
import io.carechat.persistence.webhooks.SecretsKeys;
import io.helidon.config.Config;
import io.helidon.config.ConfigException;
import io.helidon.config.ConfigSources;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Reads {@link Settings} from a YAML file and the environment. A variable {@code
 * CARECHAT_DATABASE_POOL_SIZE} takes the place of {@code database.pool-size}; lists can be set in
 * the file only. Wherever a secret is wanted, {@code NAME-file} may name a file that holds it. A
 * setting that does not exist is a fault: it is a slip, and what it was meant for would silently
 * not happen.
 */
final class SettingsReader {
  private static final String PREFIX = "CARECHAT_";

  private final Path base;
  private final Config root;
  private final List<String> faults = new ArrayList<>();
  private final Set<String> used = new HashSet<>();

  private SettingsReader(Path base, Config root) {
    this.base = base;
    this.root = root;
  }

  /**
   * Reads the settings.
   *
   * @param file null to go by the environment alone; relative paths in it are relative to its
   *     folder
   * @param environment such as {@link System#getenv()}
   * @throws InvalidSettings if they can't be used
   */
  static Settings read(@Nullable Path file, Map<String, String> environment) {
    if (file != null && !Files.isReadable(file)) {
      throw new InvalidSettings(List.of(file + ": there is no such file that can be read"));
    }
    Path base = file == null ? Path.of("") : file.toAbsolutePath().getParent();
    try {
      Config.Builder builder =
          Config.builder()
              .disableEnvironmentVariablesSource()
              .disableSystemPropertiesSource()
              .disableValueResolving()
              .disableKeyResolving()
              .disableCaching();
      Config fromFile =
          file == null ? Config.empty() : builder.sources(ConfigSources.file(file).build()).build();
      var reader = new SettingsReader(base == null ? Path.of("") : base, fromFile);
      return reader.settings(ofEnvironment(environment));
    } catch (ConfigException notYaml) {
      throw new InvalidSettings(List.of(file + ": not readable as YAML: " + notYaml.getMessage()));
    }
  }

  private Map<String, String> environment = Map.of();

  /** {@code CARECHAT_DATABASE_POOL_SIZE} as {@code DATABASE_POOL_SIZE}. */
  private static Map<String, String> ofEnvironment(Map<String, String> environment) {
    var ours = new TreeMap<String, String>();
    environment.forEach((name, value) -> {
      if (name.startsWith(PREFIX)) {
        ours.put(name.substring(PREFIX.length()), value);
      }
    });
    return ours;
  }

  private Settings settings(Map<String, String> fromEnvironment) {
    this.environment = fromEnvironment;
    URI publicUrl = publicUrl();
    var http =
        new Settings.Http(
            text(root, "http.host").orElse("0.0.0.0"), number(root, "http.port", 8080, 0, 65_535));
    var database =
        new Settings.Database(
            required(root, "database.url"),
            required(root, "database.user"),
            secret(root, "database.password")
                .orElseGet(() -> missing("database.password", new Secret("-"))),
            number(root, "database.pool-size", 16, 2, 200),
            login(root, "database.owner"));
    var search =
        new Settings.Search(
            parsed(root, "search.url", URI::create)
                .orElseGet(() -> missing("search.url", URI.create("http://localhost:9200"))),
            text(root, "search.index").orElse("carechat"),
            login(root, "search"),
            secret(root, "search.api-key"),
            number(root, "search.shards", 1, 1, 100),
            number(root, "search.replicas", 0, 0, 10),
            reconcileEvery());
    List<ConfiguredApiKeys.Key> keys = list("api-keys", this::apiKey);
    List<Settings.Issuer> issuers = list("issuers", this::issuer);
    var webhooks =
        new Settings.Webhooks(
            parsed(root, "webhooks.allow-http", SettingsReader::yesOrNo).orElse(false),
            texts(root, "webhooks.allowed-networks"),
            retryWaits(),
            list("webhooks.endpoints", this::endpoint),
            ledger());
    var rateLimit =
        new Settings.RateLimit(
            number(root, "rate-limit.requests-per-minute", 6_000, 1, 10_000_000));
    SecretsKeys secretsKeys = secretsKeys();
    var streams =
        new Settings.Streams(
            number(root, "streams.open", Settings.Streams.DEFAULT.open(), 1, 1_000_000),
            number(
                root,
                "streams.per-credential",
                Settings.Streams.DEFAULT.perCredential(),
                1,
                1_000_000),
            Duration.ofSeconds(
                number(
                    root,
                    "streams.heartbeat-seconds",
                    (int) Settings.Streams.DEFAULT.heartbeat().toSeconds(),
                    1,
                    300)));
    refuseUnknown();
    refuseDoubles(keys, webhooks.endpoints());
    if (!faults.isEmpty()) {
      throw new InvalidSettings(faults);
    }
    return new Settings(
        publicUrl,
        http,
        database,
        search,
        keys,
        issuers,
        webhooks,
        rateLimit,
        secretsKeys,
        streams);
  }

  private SecretsKeys secretsKeys() {
    Optional<Secret> keys = secret(root, "secrets.key");
    try {
      return keys.map(SecretsKeys::parse).orElseGet(SecretsKeys::none);
    } catch (IllegalArgumentException e) {
      faults.add("secrets.key: " + e.getMessage());
      return SecretsKeys.none();
    }
  }

  private Duration reconcileEvery() {
    Duration every =
        parsed(root, "search.reconcile-every", Duration::parse).orElse(Duration.ofSeconds(5));
    if (every.compareTo(Duration.ofMillis(10)) < 0 || every.compareTo(Duration.ofDays(1)) > 0) {
      faults.add("search.reconcile-every: must be from PT0.01S to P1D");
    }
    return every;
  }

  private URI publicUrl() {
    URI url =
        parsed(root, "public-url", URI::create)
            .orElseGet(() -> missing("public-url", URI.create("http://localhost")));
    if (!Set.of("http", "https").contains(String.valueOf(url.getScheme()))
        || url.getHost() == null
        || url.getRawQuery() != null
        || url.getRawFragment() != null
        || url.toString().endsWith("/")) {
      faults.add(
          "public-url: must be http or https with a host, without a slash at the end, such as"
              + " https://chat.example.org");
    }
    return url;
  }

  private ConfiguredApiKeys.@Nullable Key apiKey(Config node, String name) {
    String id = required(node, name, "id");
    TenantInstance place = place(node, name);
    String hash = required(node, name, "sha256");
    var scopes = EnumSet.noneOf(Scope.class);
    for (String scope : texts(node, name, "scopes")) {
      Scope.ofWireName(scope)
          .ifPresentOrElse(
              scopes::add, () -> faults.add(name + ".scopes: there is no scope '" + scope + "'"));
    }
    Instant expires = parsed(node, name, "expires", Instant::parse).orElse(null);
    if (place == null) {
      return null;
    }
    try {
      return new ConfiguredApiKeys.Key(id, place, hash, scopes, expires);
    } catch (IllegalArgumentException e) {
      faults.add(name + "." + e.getMessage());
      return null;
    }
  }

  private Settings.@Nullable Issuer issuer(Config node, String name) {
    Optional<Path> file = text(node, name, "jwks-file").map(base::resolve);
    Optional<URI> url = parsed(node, name, "jwks-url", URI::create);
    if (file.isPresent() == url.isPresent()) {
      faults.add(name + ": needs one of jwks-file and jwks-url");
    }
    return new Settings.Issuer(
        required(node, name, "issuer"), required(node, name, "audience"), file, url);
  }

  private @Nullable WebhookEndpoint endpoint(Config node, String name) {
    TenantInstance place = place(node, name);
    String id = required(node, name, "id");
    URI url =
        parsed(node, name, "url", URI::create)
            .orElseGet(() -> missing(name + ".url", URI.create("https://-")));
    Secret key =
        secret(node, name, "api-key").orElseGet(() -> missing(name + ".api-key", new Secret("-")));
    Secret secret =
        secret(node, name, "api-secret")
            .orElseGet(() -> missing(name + ".api-secret", new Secret("-")));
    var signingKeys = new ArrayList<Secret>();
    for (String signingKey : List.of("signing-key", "next-signing-key")) {
      secret(node, name, signingKey)
          .ifPresent(value ->
              signingKeys.add(
                  new Secret(
                      value.value().startsWith("whsec_")
                          ? value.value().substring("whsec_".length())
                          : value.value())));
    }
    if (place == null) {
      return null;
    }
    try {
      return new WebhookEndpoint(place, id, url, key, secret, signingKeys);
    } catch (IllegalArgumentException e) {
      faults.add(name + ": " + e.getMessage());
      return null;
    }
  }

  private @Nullable TenantInstance place(Config node, String name) {
    String tenant = required(node, name, "tenant");
    String instance = required(node, name, "instance");
    try {
      return new TenantInstance(tenant, instance);
    } catch (IllegalArgumentException e) {
      faults.add(name + ": " + e.getMessage());
      return null;
    }
  }

  private List<Duration> retryWaits() {
    var waits = new ArrayList<Duration>();
    for (String wait : texts(root, "webhooks.retry-waits")) {
      try {
        waits.add(Duration.parse(wait));
      } catch (DateTimeParseException e) {
        faults.add("webhooks.retry-waits: '" + wait + "' is no duration such as PT5S or PT2H");
      }
    }
    return waits.isEmpty() ? RetrySchedule.DEFAULT_WAITS : waits;
  }

  private Settings.Ledger ledger() {
    return new Settings.Ledger(
        positive("webhooks.disable-after", Settings.Ledger.DEFAULT.disableAfter()),
        positive("webhooks.keep-delivered", Settings.Ledger.DEFAULT.keepDelivered()));
  }

  private Duration positive(String name, Duration otherwise) {
    Duration value = parsed(root, name, Duration::parse).orElse(otherwise);
    if (!value.isPositive()) {
      faults.add(name + ": must be longer than nothing, such as P5D");
    }
    return value;
  }

  private Optional<Settings.Login> login(Config node, String name) {
    Optional<String> user = text(node, name + ".user");
    Optional<Secret> password = secret(node, name + ".password");
    if (user.isPresent() != password.isPresent()) {
      faults.add(name + ": user and password belong together");
    }
    return user.isPresent() && password.isPresent()
        ? Optional.of(new Settings.Login(user.get(), password.get()))
        : Optional.empty();
  }

  private void refuseDoubles(List<ConfiguredApiKeys.Key> keys, List<WebhookEndpoint> endpoints) {
    var ids = new HashSet<String>();
    for (ConfiguredApiKeys.Key key : keys) {
      if (!ids.add(key.id())) {
        faults.add("api-keys: the id '" + key.id() + "' is there twice");
      }
    }
    for (WebhookEndpoint endpoint : endpoints) {
      if (!ids.add(endpoint.instance() + " " + endpoint.id())) {
        faults.add(
            "webhooks.endpoints: the id '" + endpoint.id() + "' is there twice in one instance");
      }
    }
  }

  private void refuseUnknown() {
    root.traverse()
        .filter(Config::isLeaf)
        .map(leaf -> leaf.key().toString())
        .filter(name -> !used.contains(name))
        .forEach(name -> faults.add(name + ": there is no such setting"));
    Set<String> variables = new HashSet<>();
    used.forEach(name -> variables.add(variable(name)));
    environment.keySet().stream()
        .filter(name -> !variables.contains(name) && !name.equals("CONFIG"))
        .forEach(name -> faults.add(PREFIX + name + ": there is no such setting"));
  }

  // --- one setting

  private static String variable(String name) {
    return name.toUpperCase(Locale.ROOT).replace('.', '_').replace('-', '_');
  }

  private Optional<String> text(Config node, String name) {
    Config setting = node.get(name);
    String fullName = setting.key().toString();
    used.add(fullName);
    String variable = environment.get(variable(fullName));
    return variable != null ? Optional.of(variable) : setting.asString().asOptional();
  }

  private Optional<String> text(Config node, String parent, String name) {
    return text(node, name).filter(value -> refuseEmpty(value, parent + "." + name));
  }

  private boolean refuseEmpty(String value, String name) {
    if (value.isEmpty()) {
      faults.add(name + ": is empty");
    }
    return !value.isEmpty();
  }

  private String required(Config node, String name) {
    return text(node, name).orElseGet(() -> missing(name, "-"));
  }

  private String required(Config node, String parent, String name) {
    return text(node, name).orElseGet(() -> missing(parent + "." + name, "-"));
  }

  private <T> T missing(String name, T instead) {
    faults.add(name + ": is missing");
    return instead;
  }

  private Optional<Secret> secret(Config node, String name) {
    Optional<String> value = text(node, name);
    Optional<String> file = text(node, name + "-file");
    if (value.isPresent() && file.isPresent()) {
      faults.add(name + ": is given directly and as a file");
    }
    if (file.isPresent()) {
      Path path = base.resolve(file.get());
      try {
        return Optional.of(new Secret(Files.readString(path).strip()));
      } catch (IOException e) {
        faults.add(name + "-file: " + path + " cannot be read");
        return Optional.of(new Secret("-"));
      }
    }
    return value.map(Secret::new);
  }

  private Optional<Secret> secret(Config node, String parent, String name) {
    return secret(node, name).filter(value -> refuseEmpty(value.value(), parent + "." + name));
  }

  private <T> Optional<T> parsed(Config node, String name, Function<String, T> parser) {
    return text(node, name).flatMap(value -> parse(value, node.get(name).key().toString(), parser));
  }

  private <T> Optional<T> parsed(
      Config node, String parent, String name, Function<String, T> parser) {
    return text(node, parent, name).flatMap(value -> parse(value, parent + "." + name, parser));
  }

  private <T> Optional<T> parse(String value, String name, Function<String, T> parser) {
    try {
      return Optional.of(parser.apply(value));
    } catch (IllegalArgumentException | DateTimeParseException e) {
      faults.add(name + ": cannot be read: " + e.getMessage());
      return Optional.empty();
    }
  }

  private int number(Config node, String name, int otherwise, int min, int max) {
    int value = parsed(node, name, Integer::parseInt).orElse(otherwise);
    if (value < min || value > max) {
      faults.add(name + ": must be from " + min + " to " + max);
    }
    return value;
  }

  private static boolean yesOrNo(String value) {
    return switch (value) {
      case "true" -> true;
      case "false" -> false;
      default -> throw new IllegalArgumentException("must be true or false");
    };
  }

  private List<String> texts(Config node, String name) {
    return node.get(name).asNodeList().orElse(List.of()).stream()
        .map(item -> {
          used.add(item.key().toString());
          return item.asString().orElse("");
        })
        .toList();
  }

  private List<String> texts(Config node, String parent, String name) {
    List<String> texts = texts(node, name);
    if (texts.isEmpty()) {
      faults.add(parent + "." + name + ": is missing");
    }
    return texts;
  }

  private interface Item<T> {
    @Nullable T read(Config node, String name);
  }

  private <T> List<T> list(String name, Item<T> item) {
    var items = new ArrayList<T>();
    for (Config node : root.get(name).asNodeList().orElse(List.of())) {
      T read = item.read(node, node.key().toString());
      if (read != null) {
        items.add(read);
      }
    }
    return items;
  }
}
