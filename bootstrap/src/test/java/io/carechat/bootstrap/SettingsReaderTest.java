package io.carechat.bootstrap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.carechat.bootstrap.Settings.SearchConcurrency;
import io.carechat.domain.access.Scope;
import io.carechat.domain.chat.Secret;
import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.messages.Quota;
import io.carechat.domain.webhooks.delivery.RetryPolicy;
import io.carechat.webhook.AllowedNetwork;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class SettingsReaderTest {
  private static final String SMALLEST =
      """
      public-url: https://chat.example.org
      database: {url: "jdbc:postgresql://db/carechat", user: carechat, password: pw}
      search: {url: "http://search:9200"}
      """;
  private static final String HASH = "0123456789abcdef".repeat(4);
  private static final String SIGNING_KEY = "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

  private static final String SECRETS_KEY = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

  @TempDir private Path folder;

  private Settings read(String yaml, Map<String, String> environment) throws IOException {
    return SettingsReader.read(
        Files.writeString(folder.resolve("carechat.yaml"), yaml), environment);
  }

  private String faultsOf(String yaml, Map<String, String> environment) {
    try {
      read(yaml, environment);
    } catch (InvalidSettings fault) {
      return String.valueOf(fault.getMessage());
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    throw new AssertionError("no fault was found");
  }

  @Test
  void theSmallestFileHasTheDocumentedDefaults() throws IOException {
    Settings settings = read(SMALLEST, Map.of());

    assertThat(settings.publicUrl()).isEqualTo(URI.create("https://chat.example.org"));
    assertThat(settings.http()).isEqualTo(new Settings.Http("0.0.0.0", 8080));
    assertThat(settings.database())
        .isEqualTo(
            new Settings.Database(
                "jdbc:postgresql://db/carechat",
                "carechat",
                new Secret("pw"),
                16,
                Optional.empty()));
    assertThat(settings.search().index()).isEqualTo("carechat");
    assertThat(settings.search().login()).isEmpty();
    assertThat(settings.search().reconcileEvery()).isEqualTo(Duration.ofSeconds(5));
    assertThat(settings.search().concurrency()).isEqualTo(new SearchConcurrency(16, 12, 8, 2));
    assertThat(settings.apiKeys()).isEmpty();
    assertThat(settings.issuers()).isEmpty();
    assertThat(settings.webhooks().allowHttp()).isFalse();
    assertThat(settings.webhooks().retryWaits()).isEqualTo(RetryPolicy.DEFAULT_WAITS);
    assertThat(settings.webhooks().endpoints()).isEmpty();
    assertThat(settings.webhooks().deliveryHistory())
        .isEqualTo(new Settings.DeliveryHistory(Duration.ofDays(5), Duration.ofDays(90)));
    assertThat(settings.rateLimit().requestsPerMinute()).isEqualTo(6_000);
    assertThat(settings.secretsKeys()).isEmpty();
    assertThat(settings.userIdKey()).isEmpty();
    assertThat(settings.console()).isEqualTo(new Settings.Console(true, List.of()));
  }

  @Test
  void theReconcilerRestsNeitherTooLongNorTooShort() {
    for (String rest : List.of("PT0S", "-PT5S", "P2D")) {
      assertThat(faultsOf(SMALLEST, Map.of("CARECHAT_SEARCH_RECONCILE_EVERY", rest)))
          .contains("search.reconcile-every: must be from PT0.01S to P1D");
    }
    assertThat(faultsOf(SMALLEST, Map.of("CARECHAT_SEARCH_RECONCILE_EVERY", "often")))
        .contains("search.reconcile-every: cannot be read");
  }

  @Test
  void readsEverything() throws IOException {
    Files.writeString(folder.resolve("secret"), "from a file\n");
    Settings settings =
        read(
            """
            public-url: http://localhost:8080
            http: {host: 127.0.0.1, port: 0}
            database:
              url: jdbc:postgresql://db/carechat
              user: carechat
              password-file: secret
              pool-size: 4
              owner: {user: owner, password: opw}
            search: {url: "http://search:9200", index: chat, user: u, password: p, shards: 3, replicas: 1, reconcile-every: PT1M, concurrent: 64, concurrent-per-instance: 40, concurrent-per-credential: 20, concurrent-per-patient: 1}
            api-keys:
              - {id: one, tenant: test-den, instance: chat2, sha256: %s, scopes: ["messages:read", "messages:send"], expires: "2027-01-31T00:00:00Z"}
              - {id: two, tenant: test-den, instance: chat3, sha256: %s, scopes: ["messages:read"]}
            issuers:
              - {issuer: "https://id", audience: carechat, jwks-file: keys.json, instances: ["test-den/chat2", "other/*"], max-lifetime: PT1H, login: {client-id: page, client-secret-file: secret, scopes: [openid, chat]}}
              - {issuer: "https://id2", audience: carechat, jwks-url: "https://id2/keys", instances: ["*/*"]}
            logging: {user-id-key: 0123456789abcdef0123456789abcdef}
            webhooks:
              allow-http: true
              allowed-networks:
                - {network: 127.0.0.0/8, ports: all, instances: all, show-answers: true}
                - {network: "fd00:1::/32", ports: [443, 8443], instances: [test-den/chat2]}
              retry-waits: [PT0.1S, PT1S]
              disable-after: PT12H
              keep-delivered: P7D
              endpoints:
                - {id: hook, tenant: test-den, instance: chat2, url: "http://localhost:5000/", api-key: k, api-secret: s, signing-key: whsec_%s, next-signing-key: %s}
            rate-limit: {requests-per-minute: 60}
            secrets: {key: "k2:%s, k1:%s"}
            console:
              enabled: false
              frame-origins: [{instances: ["test-den/*"], origins: ["https://portal.example.org"]}]
            """
                .formatted(HASH, HASH, SIGNING_KEY, SIGNING_KEY, SECRETS_KEY, SECRETS_KEY),
            Map.of());

    assertThat(settings.database().password()).isEqualTo(new Secret("from a file"));
    assertThat(settings.database().owner())
        .contains(new Settings.Login("owner", new Secret("opw")));
    assertThat(settings.search().login()).contains(new Settings.Login("u", new Secret("p")));
    assertThat(settings.search().shards()).isEqualTo(3);
    assertThat(settings.search().reconcileEvery()).isEqualTo(Duration.ofMinutes(1));
    assertThat(settings.search().concurrency()).isEqualTo(new SearchConcurrency(64, 40, 20, 1));
    assertThat(settings.apiKeys())
        .containsExactly(
            new ConfiguredApiKeys.Key(
                "one",
                new TenantInstance("test-den", "chat2"),
                HASH,
                Set.of(Scope.READ_MESSAGES, Scope.SEND_MESSAGES),
                Instant.parse("2027-01-31T00:00:00Z")),
            new ConfiguredApiKeys.Key(
                "two",
                new TenantInstance("test-den", "chat3"),
                HASH,
                Set.of(Scope.READ_MESSAGES),
                null));
    assertThat(settings.issuers().getFirst().jwksFile()).contains(folder.resolve("keys.json"));
    assertThat(settings.issuers().getFirst().maxLifetime()).isEqualTo(Duration.ofHours(1));
    assertThat(settings.issuers().getFirst().isFor(new TenantInstance("other", "any"))).isTrue();
    assertThat(settings.issuers().getFirst().isFor(new TenantInstance("test-den", "any")))
        .isFalse();
    assertThat(settings.issuers().getFirst().login())
        .contains(
            new Settings.OpenIdLogin(
                "page", Optional.of(new Secret("from a file")), List.of("openid", "chat")));
    assertThat(settings.issuers().getLast().login()).isEmpty();
    assertThat(settings.issuers().getLast().maxLifetime()).isEqualTo(Duration.ofHours(24));
    assertThat(settings.issuers().getLast().isFor(new TenantInstance("a", "b"))).isTrue();
    assertThat(settings.userIdKey()).contains(new Secret("0123456789abcdef".repeat(2)));
    assertThat(settings.webhooks().allowedNetworks())
        .containsExactly(
            AllowedNetwork.open("127.0.0.0/8"),
            new AllowedNetwork(
                "fd00:1::/32",
                Set.of(443, 8443),
                Set.of(new TenantInstance("test-den", "chat2")),
                false));
    assertThat(settings.webhooks().retryWaits())
        .containsExactly(Duration.ofMillis(100), Duration.ofSeconds(1));
    assertThat(settings.webhooks().deliveryHistory())
        .isEqualTo(new Settings.DeliveryHistory(Duration.ofHours(12), Duration.ofDays(7)));
    assertThat(settings.webhooks().endpoints().getFirst().secrets().signingKeysAt(Instant.MAX))
        .containsExactly(new Secret(SIGNING_KEY), new Secret(SIGNING_KEY));
    assertThat(settings.secretsKeys())
        .contains(new Secret("k2:" + SECRETS_KEY + ", k1:" + SECRETS_KEY));
    assertThat(settings.console().enabled()).isFalse();
    assertThat(settings.console().frameOriginsOf(new TenantInstance("test-den", "any")))
        .containsExactly("https://portal.example.org");
    assertThat(settings.console().frameOriginsOf(new TenantInstance("other", "chat2"))).isEmpty();
  }

  @Test
  void theEnvironmentTakesPrecedence() throws IOException {
    Settings settings =
        read(
            SMALLEST,
            Map.of(
                "CARECHAT_HTTP_PORT", "9090",
                "CARECHAT_DATABASE_PASSWORD", "other",
                "CARECHAT_CONFIG", "named the file",
                "PATH", "/bin"));

    assertThat(settings.http().port()).isEqualTo(9090);
    assertThat(settings.database().password()).isEqualTo(new Secret("other"));
  }

  @Test
  void theEnvironmentAloneIsEnough() {
    Settings settings =
        SettingsReader.read(
            null,
            Map.of(
                "CARECHAT_PUBLIC_URL", "https://chat.example.org",
                "CARECHAT_DATABASE_URL", "jdbc:postgresql://db/carechat",
                "CARECHAT_DATABASE_USER", "carechat",
                "CARECHAT_DATABASE_PASSWORD", "pw",
                "CARECHAT_SEARCH_URL", "http://search:9200"));

    assertThat(settings.search().url()).isEqualTo(URI.create("http://search:9200"));
  }

  @Test
  void namesEveryFaultAtOnce() {
    String faults =
        faultsOf(
            """
            public-url: chat.example.org/
            http: {port: 70000, hots: x, allowed-origins: ["https://app.example.org", "https://App.example.org/"]}
            secrets: {key: "hunter2"}
            database: {url: u, user: x, password: a, password-file: nowhere}
            api-keys:
              - {id: One, tenant: test-den, instance: chat2, sha256: abc, scopes: ["messages:write"]}
            webhooks:
              allow-http: maybe
              endpoints:
                - {id: hook, tenant: Test, instance: chat2, url: "ftp://x", api-key: k, api-secret: hunter2}
            """,
            Map.of("CARECHAT_HTTP_PROT", "1"));

    assertThat(faults)
        .contains("public-url: must be http or https")
        .contains("http.port: must be from 0 to 65535")
        .contains("line 2, column 21: there is no such setting")
        .contains("http.allowed-origins: must be origins as browsers write them")
        .contains("database.password: is given directly and as a file")
        .contains("database.password-file: the file does not exist or cannot be read")
        .contains("search.url: is missing")
        .contains("api-keys.0.scopes: can only have messages:read, messages:send")
        .contains("api-keys.0.id: must match")
        .contains("webhooks.allow-http: cannot be read: must be true or false")
        .contains("webhooks.endpoints.0: tenantName must match")
        .contains("secrets.key: each key must be an id")
        .contains("CARECHAT_HTTP_PROT: there is no such setting")
        .doesNotContain("hunter2");
  }

  @Test
  void refusesWhatCannotBeReadAtAll() {
    assertThatThrownBy(() -> SettingsReader.read(folder.resolve("none.yaml"), Map.of()))
        .isInstanceOf(InvalidSettings.class)
        .hasMessageContaining("none.yaml");
    assertThat(faultsOf("a: [", Map.of())).contains("is not valid YAML");
  }

  @Test
  void refusesTheSameIdTwice() {
    assertThat(
            faultsOf(
                SMALLEST
                    + """
                    api-keys:
                      - {id: one, tenant: a, instance: b, sha256: %s, scopes: ["messages:read"]}
                      - {id: one, tenant: a, instance: c, sha256: %s, scopes: ["messages:read"]}
                    """
                        .formatted(HASH, HASH),
                Map.of()))
        .contains("api-keys: one id appears twice");
  }

  @Test
  void anAllowedNetworkSaysWhatIsAllowedInIt() throws IOException {
    assertThat(
            faultsOf(
                SMALLEST + "webhooks: {allowed-networks: [10.1.2.0/24, \"fd00:1::/32\"]}",
                Map.of()))
        .contains("webhooks.allowed-networks.0: must say what is allowed in the network")
        .contains("{network: 10.1.2.0/24, ports: [443], instances: [test-den/chat2]}")
        .contains("webhooks.allowed-networks.1: must say")
        .doesNotContain("there is no such setting");
    assertThat(
            faultsOf(
                SMALLEST
                    + """
                    webhooks:
                      allowed-networks:
                        - {network: 10.1.2.0/24}
                        - {network: 10.1.2.0/24, ports: [22], instances: all}
                        - {network: 10.1.2.0/24, ports: [https], instances: all}
                        - {network: 10.1.2.0/24, ports: all, instances: [test-den]}
                        - {network: 10.1.2.3/24, ports: all, instances: all}
                    """,
                Map.of()))
        .contains("webhooks.allowed-networks.0.ports: is missing")
        .contains("webhooks.allowed-networks.0.instances: is missing")
        .contains("webhooks.allowed-networks.1: 10.1.2.0/24: 22 is not a port that can be called")
        .contains("webhooks.allowed-networks.2: ")
        .contains("webhooks.allowed-networks.3: test-den is not of the form tenant/instance")
        .contains("webhooks.allowed-networks.4: 10.1.2.3/24 has bits beyond its prefix");
  }

  @Test
  void aQuotaIsForSomeInstances() throws IOException {
    Settings settings =
        read(
            SMALLEST
                + """
                quotas:
                  - {instances: [test-den/chat2], messages-per-day: 7}
                  - {instances: ["test-den/*"], stored-bytes: 5000000000}
                """,
            Map.of());
    assertThat(settings.quotaOf(new TenantInstance("test-den", "chat2")))
        .contains(new Quota(OptionalLong.of(7), OptionalLong.empty()));
    assertThat(settings.quotaOf(new TenantInstance("test-den", "chat3")))
        .contains(new Quota(OptionalLong.empty(), OptionalLong.of(5_000_000_000L)));
    assertThat(settings.quotaOf(new TenantInstance("other", "chat2"))).isEmpty();
    assertThat(read(SMALLEST, Map.of()).quotas()).isEmpty();
    assertThat(
            faultsOf(
                SMALLEST
                    + """
                    quotas:
                      - {messages-per-day: 1}
                      - {instances: [test-den], messages-per-day: 1}
                      - {instances: ["*/*"]}
                      - {instances: ["*/*"], messages-per-day: 0}
                      - {instances: ["*/*"], stored-bytes: many}
                    """,
                Map.of()))
        .contains("quotas.0.instances: is missing")
        .contains("quotas.1.instances: cannot be read")
        .contains("quotas.2: needs messages-per-day or stored-bytes")
        .contains("quotas.3: a quota must be 1 or more")
        .contains("quotas.4.stored-bytes: cannot be read");
  }

  /** What is written there becomes a part of a header. */
  @Test
  void framesAreForOriginsAlone() {
    for (String origin : List.of("*", "https://*.example.org", "portal.example.org", "'self'")) {
      assertThat(
              faultsOf(
                  SMALLEST
                      + "console: {frame-origins: [{instances: [\"*/*\"], origins: [\""
                      + origin
                      + "\"]}]}\n",
                  Map.of()))
          .contains("console.frame-origins.0.origins: must be origins");
    }
    assertThat(
            faultsOf(
                SMALLEST + "console: {enabled: perhaps, frame-origins: [{instances: [x]}]}\n",
                Map.of()))
        .contains("console.enabled: cannot be read: must be true or false")
        .contains("console.frame-origins.0.instances: cannot be read")
        .contains("console.frame-origins.0.origins: is missing");
  }

  @Test
  void aMistypedSettingIsRefusedByItsPosition() {
    assertThat(
            faultsOf(
                SMALLEST
                    + """
                    webhooks: {retry-wait: [PT1S]}
                    issuers: [{issuer: "https://id", audience: a, jwks-file: k, jwks-flie: k}]
                    """,
                Map.of("CARECHAT_DATABASE_POOLSIZE", "4", "CARECHAT_API_KEYS", "one")))
        .contains("line 4, column 25: there is no such setting")
        .contains("line 5, column 61: there is no such setting")
        .contains("CARECHAT_DATABASE_POOLSIZE: there is no such setting")
        .contains("CARECHAT_API_KEYS: there is no such setting");
  }

  @Test
  void aFileThatIsNoYamlIsRefusedByPositionAndNotByItsText() {
    assertThat(
            faultsOf(
                """
                public-url: https://chat.example.org
                database:
                  password: hunter2: x
                """,
                Map.of()))
        .contains("is not valid YAML: look at line 3, column 20")
        .doesNotContain("hunter2");
    assertThat(faultsOf("database:\n  password: \"hunter2\n", Map.of()))
        .contains("is not valid YAML: look at line ")
        .doesNotContain("hunter2");
    assertThat(faultsOf("database:\n  password: @hunter2\n", Map.of()))
        .contains("is not valid YAML: look at line 2, column 13")
        .doesNotContain("hunter2");
  }

  @Test
  void theEnvironmentOverridesNestedValuesAndSecretsOfFiles() throws IOException {
    Files.writeString(folder.resolve("other"), "from another file\n");
    Settings settings =
        read(
            """
            public-url: https://chat.example.org
            database:
              url: jdbc:postgresql://db/carechat
              user: carechat
              password-file: nowhere
              pool-size: 4
              owner: {user: owner, password: opw}
            search: {url: "http://search:9200"}
            """,
            Map.of(
                "CARECHAT_DATABASE_PASSWORD_FILE", "other",
                "CARECHAT_DATABASE_POOL_SIZE", "32",
                "CARECHAT_DATABASE_OWNER_PASSWORD", "changed"));

    assertThat(settings.database().password()).isEqualTo(new Secret("from another file"));
    assertThat(settings.database().poolSize()).isEqualTo(32);
    assertThat(settings.database().owner())
        .contains(new Settings.Login("owner", new Secret("changed")));
  }

  @Test
  void namesEveryRequiredSettingThatIsMissing() {
    assertThat(
            faultsOf(
                """
                api-keys: [{id: one}]
                webhooks: {endpoints: [{id: hook, tenant: a, instance: b, api-key: ""}]}
                """,
                Map.of()))
        .contains(
            "public-url: is missing",
            "database.url: is missing",
            "database.user: is missing",
            "database.password: is missing",
            "search.url: is missing",
            "api-keys.0.tenant: is missing",
            "api-keys.0.instance: is missing",
            "api-keys.0.sha256: is missing",
            "api-keys.0.scopes: is missing",
            "webhooks.endpoints.0.url: is missing",
            "webhooks.endpoints.0.api-key: is empty",
            "webhooks.endpoints.0.api-secret: is missing")
        .doesNotContain("api-key: is missing");
  }

  @Test
  void aUrlThatCannotBeReadIsNotRepeatedForItMayHaveAPassword() {
    assertThat(
            faultsOf(SMALLEST, Map.of("CARECHAT_SEARCH_URL", "https://elastic:hunter2@{search}")))
        .contains("search.url: cannot be read: Illegal character in authority at index ")
        .doesNotContain("hunter2");
  }

  @Test
  void severalIssuersNeedTheirInstances() throws IOException {
    String one = "{issuer: 'https://id', audience: a, jwks-file: k}";
    String other = "{issuer: 'https://id2', audience: a, jwks-file: k, instances: ['t/*']}";

    assertThat(read(SMALLEST + "issuers: [" + one + "]", Map.of()).issuers()).hasSize(1);
    assertThat(faultsOf(SMALLEST + "issuers: [" + one + ", " + other + "]", Map.of()))
        .contains("issuers.0.instances: is missing. With several issuers")
        .contains("[\"test-den/chat2\", \"other-tenant/*\"]")
        .doesNotContain("issuers.1");
    assertThat(faultsOf(SMALLEST + "issuers: [" + other + ", " + other + "]", Map.of()))
        .contains("issuers: one issuer appears twice");
    for (String wrong : List.of("", "*", "t", "*/i", "t/", "/i", "t/i/j", "T/i", "t*/i", "t/i*")) {
      assertThat(
              faultsOf(
                  SMALLEST
                      + "issuers: [{issuer: i, audience: a, jwks-file: k, instances: ['"
                      + wrong
                      + "']}]",
                  Map.of()))
          .contains("issuers.0.instances: cannot be read: must be TENANT/INSTANCE");
    }
  }

  private static String issuer(String issuer, String login) {
    return SMALLEST
        + "issuers: [{issuer: '"
        + issuer
        + "', audience: a, jwks-file: k, login: {"
        + login
        + "}}]";
  }

  @Test
  void peopleSignInAtAnIssuerWithALogin() throws IOException {
    for (String protectedOne :
        List.of(
            "https://id.example.org",
            "https://id.example.org/realms/clinic/",
            "http://localhost:8083",
            "http://127.0.0.1:8083",
            "http://[::1]:8083")) {
      assertThat(
              read(issuer(protectedOne, "client-id: page"), Map.of()).issuers().getFirst().login())
          .contains(new Settings.OpenIdLogin("page", Optional.empty(), List.of("openid")));
    }
    for (String other :
        List.of(
            "id",
            "http://id.example.org",
            "http://127.0.0.1.example.org",
            "http://localhost.example.org",
            "https://id.example.org?tenant=x",
            "https://id.example.org#x",
            "https://hunter2@id.example.org",
            "ftp://id.example.org",
            "https:///path",
            "https://id example")) {
      assertThat(faultsOf(issuer(other, "client-id: page"), Map.of()))
          .contains("issuers.0.issuer: must be an https URL without a query if there is a login")
          .doesNotContain("hunter2");
    }
    for (String half : List.of("client-secret: hunter2", "scopes: [openid]")) {
      assertThat(faultsOf(issuer("https://id", half), Map.of()))
          .contains("issuers.0.login.client-id: is missing")
          .doesNotContain("hunter2");
    }
    assertThat(faultsOf(issuer("https://id", "client-id: a"), Map.of()))
        .contains("issuers.0.login.client-id: must differ from audience");
    for (String id : List.of("'  '", "'page '", "\"pa\\nge\"", "pagé", "x".repeat(256))) {
      assertThat(faultsOf(issuer("https://id", "client-id: " + id), Map.of()))
          .contains("issuers.0.login.client-id: must have 1 to 255 printable ASCII characters");
    }
    for (String scopes :
        List.of("[chat]", "[openid, 'two words']", "[openid, '']", "['openid chat']")) {
      assertThat(faultsOf(issuer("https://id", "client-id: page, scopes: " + scopes), Map.of()))
          .contains("issuers.0.login.scopes: must be names of scopes, without spaces, and openid");
    }
    assertThat(faultsOf(issuer("https://id", "client-id: page, scopes: openid"), Map.of()))
        .contains("issuers.0.login.scopes: must be a list");
    assertThat(faultsOf(issuer("https://id", "client-id: page, redirect: x"), Map.of()))
        .contains("there is no such setting");
  }

  @Test
  void theLifetimeOfTokensAndTheKeyOfIdsHaveBounds() {
    for (String lifetime : List.of("PT59S", "P366D", "-PT1H")) {
      assertThat(
              faultsOf(
                  SMALLEST
                      + "issuers: [{issuer: i, audience: a, jwks-file: k, max-lifetime: "
                      + lifetime
                      + "}]",
                  Map.of()))
          .contains("issuers.0.max-lifetime: must be from PT1M to P365D");
    }
    assertThat(faultsOf(SMALLEST + "logging: {user-id-key: hunter2}", Map.of()))
        .contains("logging.user-id-key: must have 32 characters or more")
        .doesNotContain("hunter2");
  }

  /** Whatever the mistake is, the text of the file and of secrets' files is never printed. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        // Not YAML.
        "database:\n  password: hunter2: x\n",
        "database:\n  password: \"hunter2\n",
        "database:\n  password: 'hunter2\n",
        "database:\n  password: @hunter2\n",
        "database:\n  password: `hunter2\n",
        "database:\n  password: %hunter2\n",
        "database:\n  password: *hunter2\n",
        "database:\n  password: &hunter2 &x y\n",
        "database:\n  password: !hunter2 x\n",
        "database:\n  password: !!hunter2 x\n",
        "database:\n  password: !!java.net.URL [hunter2]\n",
        "database:\n  password: [hunter2\n",
        "database:\n  password: {hunter2\n",
        "database:\n  password: {hunter2, : [}\n",
        "database:\n\tpassword: hunter2\n",
        "database:\n  password:\thunter2: x\n",
        "database:\n  password: hunter2\n user: x\n",
        "database:\n  password: hunter2\u0001\n",
        "database:\n  password: \"\\hunter2\"\n",
        "database:\n  password: \"\\xhunter2\"\n",
        "database:\n  password: |hunter2\n",
        "database:\n  - hunter2\n  password: x\n",
        "%hunter2\n---\n",
        "--- hunter2\n--- x\n",
        "? [hunter2]\n: x\n",
        "hunter2: &a\n  b: *a\n",
        "<<: hunter2\n",
        "<<: [hunter2]\n",
        // Not a mapping.
        "hunter2",
        "- hunter2\n",
        "password hunter2\n",
        "password:hunter2\n",
        // One name twice.
        "database:\n  password: hunter2\n  password: x\n",
        "database:\n  hunter2: x\n  hunter2: x\n",
        // Another type than it must be.
        "database:\n  password: [hunter2]\n",
        "database:\n  password: {hunter2: x}\n",
        "database:\n  password: {hunter2}\n",
        "database:\n  password:\n    hunter2:\n      x: y\n",
        "database:\n  password:\n    - hunter2\n",
        "database:\n  password: x\n  password-file: hunter2\n",
        "database:\n  password-file: \"hunter2\\0\"\n",
        "database:\n  password-file: [hunter2]\n",
        "database: hunter2\n",
        "database: [hunter2]\n",
        "database:hunter2\nx: y\n",
        "hunter2: x\n",
        "hunter2:\n  x: y\n",
        "http: {port: hunter2}\n",
        "http: {port: {hunter2: 1}}\n",
        "http: {port: [hunter2]}\n",
        "public-url: hunter2\n",
        "public-url: \"http://x:hunter2@{}\"\n",
        "database:\n  url: hunter2\n",
        "database:\n  url: jdbc:postgresql://u:hunter2@db/x\n",
        "database:\n  url: jdbc:postgresql://db:hunter2@x/x\n",
        "search: {reconcile-every: hunter2}\n",
        "search: {user: hunter2}\n",
        "api-keys: hunter2\n",
        "api-keys: {hunter2: {x: y}}\n",
        "api-keys: [hunter2]\n",
        "api-keys: [[hunter2]]\n",
        "api-keys: [{id: hunter2!, tenant: hunter2!, instance: hunter2!, sha256: hunter2}]\n",
        "api-keys: [{id: hunter2, scopes: [hunter2], expires: hunter2}]\n",
        "api-keys: [{scopes: hunter2}, {scopes: {hunter2: x}}, {scopes: [{hunter2: x}]}]\n",
        "issuers: [{issuer: hunter2, instances: [hunter2], max-lifetime: hunter2}]\n",
        "issuers: [{issuer: hunter2, jwks-url: \"http://x:hunter2@{}\", jwks-file: hunter2}]\n",
        "issuers: [{issuer: hunter2, audience: a}, {issuer: hunter2, audience: a}]\n",
        "issuers: [{issuer: \"http://x:hunter2@y\", audience: hunter2, login: {client-id: hunter2, scopes: [hunter2]}}]\n",
        "issuers: [{issuer: hunter2, login: {client-id: [hunter2], client-secret: {hunter2: x}, scopes: hunter2}}]\n",
        "issuers: [{issuer: hunter2, login: hunter2}, {login: [hunter2]}, {login: {hunter2: x}}]\n",
        "webhooks: {allow-http: hunter2, retry-waits: [hunter2], disable-after: hunter2}\n",
        "webhooks: {allowed-networks: [{hunter2: x}], endpoints: hunter2}\n",
        "webhooks: {endpoints: [{id: hunter2!, url: hunter2, api-key: [hunter2]}]}\n",
        "webhooks: {endpoints: [{id: x, tenant: x, instance: x, url: \"https://x\", api-key: \"hunter2\\n\", api-secret: \"hunter2\\n\", signing-key: hunter2}]}\n",
        "secrets: {key: hunter2}\n",
        "secrets: {key: [hunter2]}\n",
        "secrets: {key: \"hunter2:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=, hunter2:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\"}\n",
        "secrets: {key-file: secret.yaml}\n",
        "logging: {user-id-key: hunter2}\n",
        "logging: {user-id-key-file: secret.yaml}\n",
      })
  void noFaultRepeatsTheTextOfTheFile(String yaml) throws IOException {
    Files.writeString(folder.resolve("secret.yaml"), "key: hunter2\n");

    assertThat(faultsOf(yaml, Map.of())).doesNotContain("hunter2");
  }
}
