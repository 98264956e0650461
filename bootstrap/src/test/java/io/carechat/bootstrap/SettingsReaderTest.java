package io.carechat.bootstrap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.carechat.domain.access.Scope;
import io.carechat.domain.chat.Secret;
import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.webhooks.delivery.RetryPolicy;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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
    assertThat(settings.apiKeys()).isEmpty();
    assertThat(settings.issuers()).isEmpty();
    assertThat(settings.webhooks().allowHttp()).isFalse();
    assertThat(settings.webhooks().retryWaits()).isEqualTo(RetryPolicy.DEFAULT_WAITS);
    assertThat(settings.webhooks().endpoints()).isEmpty();
    assertThat(settings.webhooks().deliveryHistory())
        .isEqualTo(new Settings.DeliveryHistory(Duration.ofDays(5), Duration.ofDays(90)));
    assertThat(settings.rateLimit().requestsPerMinute()).isEqualTo(6_000);
    assertThat(settings.secretsKeys()).isEmpty();
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
            search: {url: "http://search:9200", index: chat, user: u, password: p, shards: 3, replicas: 1, reconcile-every: PT1M}
            api-keys:
              - {id: one, tenant: test-den, instance: chat2, sha256: %s, scopes: ["messages:read", "messages:send"], expires: "2027-01-31T00:00:00Z"}
              - {id: two, tenant: test-den, instance: chat3, sha256: %s, scopes: ["messages:read"]}
            issuers:
              - {issuer: "https://id", audience: carechat, jwks-file: keys.json}
            webhooks:
              allow-http: true
              allowed-networks: [127.0.0.0/8, "::1/128"]
              retry-waits: [PT0.1S, PT1S]
              disable-after: PT12H
              keep-delivered: P7D
              endpoints:
                - {id: hook, tenant: test-den, instance: chat2, url: "http://localhost:5000/", api-key: k, api-secret: s, signing-key: whsec_%s, next-signing-key: %s}
            rate-limit: {requests-per-minute: 60}
            secrets: {key: "k2:%s, k1:%s"}
            """
                .formatted(HASH, HASH, SIGNING_KEY, SIGNING_KEY, SECRETS_KEY, SECRETS_KEY),
            Map.of());

    assertThat(settings.database().password()).isEqualTo(new Secret("from a file"));
    assertThat(settings.database().owner())
        .contains(new Settings.Login("owner", new Secret("opw")));
    assertThat(settings.search().login()).contains(new Settings.Login("u", new Secret("p")));
    assertThat(settings.search().shards()).isEqualTo(3);
    assertThat(settings.search().reconcileEvery()).isEqualTo(Duration.ofMinutes(1));
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
    assertThat(settings.webhooks().allowedNetworks()).containsExactly("127.0.0.0/8", "::1/128");
    assertThat(settings.webhooks().retryWaits())
        .containsExactly(Duration.ofMillis(100), Duration.ofSeconds(1));
    assertThat(settings.webhooks().deliveryHistory())
        .isEqualTo(new Settings.DeliveryHistory(Duration.ofHours(12), Duration.ofDays(7)));
    assertThat(settings.webhooks().endpoints().getFirst().secrets().signingKeysAt(Instant.MAX))
        .containsExactly(new Secret(SIGNING_KEY), new Secret(SIGNING_KEY));
    assertThat(settings.secretsKeys())
        .contains(new Secret("k2:" + SECRETS_KEY + ", k1:" + SECRETS_KEY));
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
            http: {port: 70000, hots: x}
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
        .contains("http.hots: there is no such setting")
        .contains("database.password: is given directly and as a file")
        .contains("nowhere cannot be read")
        .contains("search.url: is missing")
        .contains("api-keys.0.scopes: there is no scope 'messages:write'")
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
        .contains("the id 'one' appears twice");
  }

  @Test
  void aMistypedSettingIsRefusedByItsName() {
    assertThat(
            faultsOf(
                SMALLEST
                    + """
                    webhooks: {retry-wait: [PT1S]}
                    issuers: [{issuer: "https://id", audience: a, jwks-file: k, jwks-flie: k}]
                    """,
                Map.of("CARECHAT_DATABASE_POOLSIZE", "4", "CARECHAT_API_KEYS", "one")))
        .contains("webhooks.retry-wait.0: there is no such setting")
        .contains("issuers.0.jwks-flie: there is no such setting")
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
}
