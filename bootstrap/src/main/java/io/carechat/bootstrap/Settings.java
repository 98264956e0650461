package io.carechat.bootstrap;

import io.carechat.domain.chat.Secret;
import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.messages.Quota;
import io.carechat.domain.webhooks.WebhookEndpoint;
import io.carechat.rest.connections.ServerLimits;
import io.carechat.rest.events.StreamLimits;
import io.carechat.rest.http.RateLimits;
import io.carechat.webhook.AllowedNetwork;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Everything that an operator can set. {@link SettingsReader} reads it from a file and the
 * environment. {@code docs/configuration.md} describes each setting.
 *
 * @param publicUrl where people and partners reach the service, without a slash at the end
 * @param apiKeys the partners' keys
 * @param issuers their bearer tokens are trusted
 * @param secretsKeys encrypt partners' secrets, in the form of {@link
 *     io.carechat.persistence.PostgresStorage#checkSecretsKeys}; without them, webhook endpoints
 *     cannot be made by the API
 * @param userIdKey hides who the users in the logs are; without it, a random key does
 * @param quotas how much instances may send and store; the first one that matches an instance is
 *     for it
 * @param console how the page for people is served
 */
public record Settings(
    URI publicUrl,
    Http http,
    Database database,
    Search search,
    List<ConfiguredApiKeys.Key> apiKeys,
    List<Issuer> issuers,
    Webhooks webhooks,
    RateLimit rateLimit,
    Optional<Secret> secretsKeys,
    Streams streams,
    Optional<Secret> userIdKey,
    List<InstanceQuota> quotas,
    Console console) {
  public Settings {
    quotas = List.copyOf(quotas);
    apiKeys = List.copyOf(apiKeys);
    issuers = List.copyOf(issuers);
  }

  /** Settings with the default limits, and without a key for the ids of users. */
  public Settings(
      URI publicUrl,
      Http http,
      Database database,
      Search search,
      List<ConfiguredApiKeys.Key> apiKeys,
      List<Issuer> issuers,
      Webhooks webhooks,
      RateLimit rateLimit,
      Optional<Secret> secretsKeys) {
    this(
        publicUrl,
        http,
        database,
        search,
        apiKeys,
        issuers,
        webhooks,
        rateLimit,
        secretsKeys,
        Streams.DEFAULT,
        Optional.empty(),
        List.of(),
        Console.DEFAULT);
  }

  /** Returns a copy with other limits of connections and streams. */
  Settings withConnections(Http newHttp, Streams newStreams) {
    return new Settings(
        publicUrl,
        newHttp,
        database,
        search,
        apiKeys,
        issuers,
        webhooks,
        rateLimit,
        secretsKeys,
        newStreams,
        userIdKey,
        quotas,
        console);
  }

  /**
   * Where the service listens, and what callers may use of it.
   *
   * @param port 0 for any free one
   * @param management where health and metrics are served, if not only beside the API
   * @param trustedProxies addresses and networks in CIDR notation whose {@code X-Forwarded-For} is
   *     believed
   * @param connections how many connections may be open at once, without those of streams
   * @param connectionsPerAddress how many of all connections one address may have
   * @param allowedOrigins the origins whose applications in a browser may call, such as {@code
   *     https://app.example.org}
   */
  public record Http(
      String host,
      int port,
      Optional<Listener> management,
      List<String> trustedProxies,
      int connections,
      int connectionsPerAddress,
      List<String> allowedOrigins) {
    /** Copies the lists. */
    public Http {
      trustedProxies = List.copyOf(trustedProxies);
      allowedOrigins = List.copyOf(allowedOrigins);
    }

    /** Makes settings with the default limits, without a proxy and without other origins. */
    public Http(String host, int port) {
      this(
          host,
          port,
          Optional.empty(),
          List.of(),
          ServerLimits.DEFAULT.connections(),
          ServerLimits.DEFAULT.connectionsPerAddress(),
          List.of());
    }
  }

  /**
   * An address to listen on.
   *
   * @param port 0 for any free one
   */
  public record Listener(String host, int port) {}

  /**
   * The PostgreSQL database.
   *
   * @param poolSize how many requests may read at once
   * @param owner may change the schema; if it is given, migrations run at every start
   */
  public record Database(
      String url, String user, Secret password, int poolSize, Optional<Login> owner) {}

  /** A user of the database. */
  public record Login(String user, Secret password) {}

  /**
   * The Elasticsearch cluster.
   *
   * @param index what the names of its indices begin with
   * @param login used if there is no {@code apiKey}
   * @param reconcileEvery the pause between two steps of the reconciler
   * @param concurrency how many searches may run at once
   */
  public record Search(
      URI url,
      String index,
      Optional<Login> login,
      Optional<Secret> apiKey,
      int shards,
      int replicas,
      Duration reconcileEvery,
      SearchConcurrency concurrency) {

    /** The same with the default number of searches at once. */
    public Search(
        URI url,
        String index,
        Optional<Login> login,
        Optional<Secret> apiKey,
        int shards,
        int replicas,
        Duration reconcileEvery) {
      this(url, index, login, apiKey, shards, replicas, reconcileEvery, SearchConcurrency.DEFAULT);
    }
  }

  /**
   * How many searches may run at once. More of them wait for a short time, and are then refused.
   *
   * @param total how many of all
   * @param perInstance how many of one instance
   * @param perCredential how many of one credential of a partner or a member of the care team
   * @param perPatient how many of one patient's credential
   */
  public record SearchConcurrency(int total, int perInstance, int perCredential, int perPatient) {
    /** The limits for a machine with two processors. */
    public static final SearchConcurrency DEFAULT = new SearchConcurrency(16, 12, 8, 2);
  }

  /**
   * An issuer of bearer tokens.
   *
   * @param issuer the claim {@code iss}
   * @param audience must be among the values of the claim {@code aud}
   * @param jwksFile a file that holds its public keys; either this or {@code jwksUrl} is given
   * @param jwksUrl a web address that serves its public keys
   * @param instances the instances that its tokens may be for; if empty, all instances
   * @param maxLifetime the longest time from now, and from the claim {@code iat}, to the claim
   *     {@code exp}
   * @param login how people sign in with a browser at this issuer; empty if they do not
   */
  public record Issuer(
      String issuer,
      String audience,
      Optional<Path> jwksFile,
      Optional<URI> jwksUrl,
      List<InstancePattern> instances,
      Duration maxLifetime,
      Optional<OpenIdLogin> login) {
    /** A day. */
    public static final Duration DEFAULT_MAX_LIFETIME = Duration.ofHours(24);

    public Issuer {
      instances = List.copyOf(instances);
    }

    /** An issuer of tokens for all instances, with the default lifetime. */
    public Issuer(String issuer, String audience, Optional<Path> jwksFile, Optional<URI> jwksUrl) {
      this(issuer, audience, jwksFile, jwksUrl, List.of(), DEFAULT_MAX_LIFETIME, Optional.empty());
    }

    /** An issuer at which nobody signs in with a browser. */
    public Issuer(
        String issuer,
        String audience,
        Optional<Path> jwksFile,
        Optional<URI> jwksUrl,
        List<InstancePattern> instances,
        Duration maxLifetime) {
      this(issuer, audience, jwksFile, jwksUrl, instances, maxLifetime, Optional.empty());
    }

    /** Returns whether the issuer may issue tokens for an instance. */
    boolean isFor(TenantInstance instance) {
      return instances.isEmpty()
          || instances.stream().anyMatch(pattern -> pattern.matches(instance));
    }
  }

  /**
   * The service as a client of an OpenID provider, which is an issuer whose claim {@code iss} is
   * its address.
   *
   * @param clientId how the issuer knows the service; other than the audience of bearer tokens
   * @param clientSecret proves that to the issuer; empty for a public client
   * @param scopes what the service asks the issuer for; {@code openid} is among them
   */
  public record OpenIdLogin(String clientId, Optional<Secret> clientSecret, List<String> scopes) {
    /** The scopes of an issuer that needs no others to issue the claims. */
    public static final List<String> DEFAULT_SCOPES = List.of("openid");

    public OpenIdLogin {
      scopes = List.copyOf(scopes);
    }
  }

  /**
   * Which webhook endpoints get events, and how these are delivered.
   *
   * @param allowHttp whether endpoints may be called without TLS
   * @param allowedNetworks networks that may be called although they are not public
   * @param retryWaits the pauses between the attempts of a delivery, in their order
   */
  public record Webhooks(
      boolean allowHttp,
      List<AllowedNetwork> allowedNetworks,
      List<Duration> retryWaits,
      List<WebhookEndpoint> endpoints,
      DeliveryHistory deliveryHistory) {
    public Webhooks {
      allowedNetworks = List.copyOf(allowedNetworks);
      retryWaits = List.copyOf(retryWaits);
      endpoints = List.copyOf(endpoints);
    }
  }

  /**
   * For how long the history of deliveries is kept, and when a failing endpoint is disabled.
   *
   * @param disableAfter an endpoint that fails for this long without a success is disabled
   * @param keepDelivered for how long successful deliveries are kept
   */
  public record DeliveryHistory(Duration disableAfter, Duration keepDelivered) {
    /** Five days, and 90 days. */
    public static final DeliveryHistory DEFAULT =
        new DeliveryHistory(Duration.ofDays(5), Duration.ofDays(90));
  }

  /**
   * The limits of event streams, and of requests that wait for events.
   *
   * @param open how many of both may be open at once
   * @param perInstance how many of these one instance may have
   * @param perCredential how many of these one credential may have
   * @param perPatient how many of these one patient may have
   * @param heartbeat for how long a stream may send nothing
   */
  public record Streams(
      int open, int perInstance, int perCredential, int perPatient, Duration heartbeat) {
    /** The limits for a service that has a machine of its own. */
    public static final Streams DEFAULT =
        new Streams(
            StreamLimits.DEFAULT.open(),
            StreamLimits.DEFAULT.perInstance(),
            StreamLimits.DEFAULT.perCredential(),
            StreamLimits.DEFAULT.perPatient(),
            StreamLimits.DEFAULT.heartbeat());
  }

  /**
   * How much each of some instances may send and store.
   *
   * @param instances the instances
   * @param quota of each of them
   */
  public record InstanceQuota(List<InstancePattern> instances, Quota quota) {
    public InstanceQuota {
      instances = List.copyOf(instances);
    }
  }

  /** Returns the quota of an instance; empty if it has none. */
  Optional<Quota> quotaOf(TenantInstance instance) {
    return quotas.stream()
        .filter(each -> each.instances().stream().anyMatch(pattern -> pattern.matches(instance)))
        .map(InstanceQuota::quota)
        .findFirst();
  }

  /**
   * How the page for people is served.
   *
   * @param enabled whether it is served at all
   * @param frameOrigins which origins' pages may show it in a frame; the first one that matches an
   *     instance is for it
   */
  public record Console(boolean enabled, List<FrameOrigins> frameOrigins) {
    /** It is served, and nobody may show it in a frame. */
    public static final Console DEFAULT = new Console(true, List.of());

    /** Copies the list. */
    public Console {
      frameOrigins = List.copyOf(frameOrigins);
    }

    /** Returns the origins that may show an instance's pages in a frame. */
    List<String> frameOriginsOf(TenantInstance instance) {
      return frameOrigins.stream()
          .filter(each -> each.instances().stream().anyMatch(pattern -> pattern.matches(instance)))
          .map(FrameOrigins::origins)
          .findFirst()
          .orElse(List.of());
    }
  }

  /**
   * Who may show the pages of some instances in a frame.
   *
   * @param instances the instances
   * @param origins such as {@code https://portal.example.org}
   */
  public record FrameOrigins(List<InstancePattern> instances, List<String> origins) {
    /** Copies the lists. */
    public FrameOrigins {
      instances = List.copyOf(instances);
      origins = List.copyOf(origins);
    }
  }

  /**
   * How many requests callers may make.
   *
   * @param requestsPerMinute for a credential, in each group of operations
   * @param withoutCredentialPerMinute for an address, without a valid credential
   */
  public record RateLimit(int requestsPerMinute, int withoutCredentialPerMinute) {
    /** The defaults of the API. */
    public static final RateLimit DEFAULT =
        new RateLimit(
            RateLimits.DEFAULT.perGroup().requests(),
            RateLimits.DEFAULT.withoutCredential().requests());

    /** Makes a limit with the default for requests without a valid credential. */
    public RateLimit(int requestsPerMinute) {
      this(requestsPerMinute, RateLimits.DEFAULT.withoutCredential().requests());
    }
  }
}
