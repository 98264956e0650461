package io.carechat.bootstrap;
import io.carechat.domain.chat.Secret;
import io.carechat.domain.webhooks.WebhookEndpoint;
import io.carechat.persistence.webhooks.SecretsKeys;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Everything that an operator can set. {@link SettingsReader} makes it of a file and the
 * environment; {@code docs/configuration.md} describes each.
 *
 * @param publicUrl where people and partners reach the service, without a slash at the end
 * @param apiKeys the partners' keys
 * @param issuers whose bearer tokens are trusted
 * @param secretsKeys what partners' secrets are encrypted with; without one, webhook endpoints
 *     cannot be made by the API
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
    SecretsKeys secretsKeys,
    Streams streams) {
  public Settings {
    apiKeys = List.copyOf(apiKeys);
    issuers = List.copyOf(issuers);
  }

  /** With the default limits of streams. */
  public Settings(
      URI publicUrl,
      Http http,
      Database database,
      Search search,
      List<ConfiguredApiKeys.Key> apiKeys,
      List<Issuer> issuers,
      Webhooks webhooks,
      RateLimit rateLimit,
      SecretsKeys secretsKeys) {
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
        Streams.DEFAULT);
  }

  /**
   * Where the service listens.
   *
   * @param port 0 for a free one
   */
  public record Http(String host, int port) {}

  /**
   * The PostgreSQL.
   *
   * @param owner who may change the schema; if given, migrations run at the start
   */
  public record Database(
      String url, String user, Secret password, int poolSize, Optional<Login> owner) {}

  /** A user of the database. */
  public record Login(String user, Secret password) {}

  /**
   * The Elasticsearch.
   *
   * @param index the name that the names of its indices begin with
   * @param reconcileEvery how long the reconciler rests between two lots
   */
  public record Search(
      URI url,
      String index,
      Optional<Login> login,
      Optional<Secret> apiKey,
      int shards,
      int replicas,
      Duration reconcileEvery) {}

  /**
   * An issuer of bearer tokens.
   *
   * @param issuer the claim {@code iss}
   * @param audience what must be among the claim {@code aud}
   * @param jwksFile its keys in a file, or
   * @param jwksUrl its keys on the web; one of the two
   */
  public record Issuer(
      String issuer, String audience, Optional<Path> jwksFile, Optional<URI> jwksUrl) {}

  /**
   * Who is told of messages.
   *
   * @param allowHttp whether endpoints may be reached without TLS
   * @param allowedNetworks networks in CIDR notation that may be called although they are not
   *     public
   */
  public record Webhooks(
      boolean allowHttp,
      List<String> allowedNetworks,
      List<Duration> retryWaits,
      List<WebhookEndpoint> endpoints,
      Ledger ledger) {
    public Webhooks {
      allowedNetworks = List.copyOf(allowedNetworks);
      retryWaits = List.copyOf(retryWaits);
      endpoints = List.copyOf(endpoints);
    }
  }

  /**
   * The ledger of deliveries.
   *
   * @param disableAfter how long an endpoint may fail without a success before it is disabled
   * @param keepDelivered for how long deliveries are kept that were delivered
   */
  public record Ledger(Duration disableAfter, Duration keepDelivered) {
    /** Five days, and 90 days. */
    public static final Ledger DEFAULT = new Ledger(Duration.ofDays(5), Duration.ofDays(90));
  }

  /**
   * How many streams of events there may be, with requests that wait for events.
   *
   * @param open at once
   * @param perCredential how many of these one credential may have
   * @param heartbeat how long a stream may be silent
   */
  public record Streams(int open, int perCredential, Duration heartbeat) {
    /** For a service on a machine of its own. */
    public static final Streams DEFAULT = new Streams(8_192, 1_024, Duration.ofSeconds(15));
  }

  /** How many requests a credential may make in a minute, of each group of operations. */
  public record RateLimit(int requestsPerMinute) {}
}
