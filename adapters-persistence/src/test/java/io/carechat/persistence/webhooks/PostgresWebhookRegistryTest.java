package io.carechat.persistence.webhooks;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.carechat.domain.chat.ManualClock;
import io.carechat.domain.chat.Samples;
import io.carechat.domain.chat.Secret;
import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.webhooks.CachedWebhookEndpoints;
import io.carechat.domain.webhooks.WebhookEndpoint;
import io.carechat.domain.webhooks.WebhookRegistry;
import io.carechat.domain.webhooks.WebhookRegistryContract;
import io.carechat.persistence.PostgresStorage;
import io.carechat.persistence.TestDatabase;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** The registry keeps the port's contract, and secrets as secrets. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class PostgresWebhookRegistryTest
    implements WebhookRegistryContract.Adding, WebhookRegistryContract.Changing {
  private static final String OLD = "old:" + WebhookRegistryContract.newKey().value();
  private static final String NEW = "new:" + WebhookRegistryContract.newKey().value();

  private static final SecureRandom RANDOM = new SecureRandom();

  private final TestDatabase database;
  private final PostgresStorage storage;
  private final WebhookRegistry registry;

  PostgresWebhookRegistryTest() throws SQLException {
    database = TestDatabase.create();
    storage = PostgresStorage.open(database.settings(), new ManualClock(Samples.NOON), () -> {});
    registry = registryWith(OLD);
  }

  @AfterAll
  void close() {
    storage.close();
  }

  @Override
  public WebhookRegistry registry() {
    return registry;
  }

  private WebhookRegistry registryWith(String keys) {
    return storage.webhookRegistry(Optional.of(new Secret(keys)), RANDOM);
  }

  /** All that the table has of an instance, as text. */
  private List<String> rows(TenantInstance instance) throws SQLException {
    var rows = new ArrayList<String>();
    try (Connection connection = database.superuser();
        Statement statement = connection.createStatement();
        ResultSet all =
            statement.executeQuery(
                "select endpoint::text from carechat.webhook_endpoint endpoint where tenant_name = '"
                    + instance.tenantName()
                    + "'")) {
      while (all.next()) {
        rows.add(all.getString(1));
      }
    }
    return rows;
  }

  @Test
  void writesNoSecretAsItIs() throws SQLException {
    TenantInstance instance = WebhookRegistryContract.newInstance();
    WebhookEndpoint endpoint = added(instance, "crm");

    String row = rows(instance).getFirst();
    assertThat(row).contains("https://partner.example/crm", "old.");
    for (Secret secret : endpoint.secrets().signingKeysAt(Samples.NOON)) {
      assertThat(row).doesNotContain(secret.value());
    }
    assertThat(row).doesNotContain("key of crm").doesNotContain("secret of");
  }

  @Test
  void readsNoSecretThatWasCopiedToAnotherRowOrColumn() throws SQLException {
    TenantInstance instance = WebhookRegistryContract.newInstance();
    TenantInstance other = WebhookRegistryContract.newInstance();
    added(instance, "crm");
    added(other, "crm");
    added(other, "erp");
    String own =
        "select api_key from carechat.webhook_endpoint where endpoint_id = 'crm' and tenant_name = '"
            + instance.tenantName()
            + "'";
    for (String row : List.of("crm", "erp")) {
      String at =
          " where endpoint_id = '" + row + "' and tenant_name = '" + other.tenantName() + "'";
      database.execute("update carechat.webhook_endpoint set api_key = (" + own + ")" + at);
      assertThatIllegalStateException()
          .isThrownBy(() -> registry.of(other))
          .withMessageContaining("api_key")
          .withMessageContaining(row);
      database.execute("delete from carechat.webhook_endpoint" + at);
    }
    database.execute(
        "update carechat.webhook_endpoint set api_secret = api_key where tenant_name = '"
            + instance.tenantName()
            + "'");
    assertThatIllegalStateException()
        .isThrownBy(() -> registry.of(instance))
        .withMessageContaining("api_secret");
    database.execute(
        "delete from carechat.webhook_endpoint where tenant_name = '" + instance.tenantName() + "'");
  }

  @Test
  void replacesKeysWhenEndpointsAreChanged() throws SQLException {
    TenantInstance instance = WebhookRegistryContract.newInstance();
    WebhookEndpoint first = added(instance, "crm");
    WebhookRegistry withBoth = registryWith(NEW + "," + OLD);

    assertThat(withBoth.of(instance)).containsExactly(first);
    WebhookEndpoint second = WebhookRegistryContract.changed(first);
    assertThat(withBoth.replace(second)).isTrue();
    assertThat(rows(instance).getFirst()).contains("new.").doesNotContain("old.");
    assertThat(registryWith(OLD + "\n" + NEW).of(instance)).containsExactly(second);
    assertThatIllegalStateException()
        .isThrownBy(() -> registry.of(instance))
        .withMessageContaining("new");

    assertThat(withBoth.remove(instance, "crm")).isTrue();
  }

  @Test
  void refusesToGoOnWithoutAKeyThatIsInUse() {
    TenantInstance instance = WebhookRegistryContract.newInstance();
    added(instance, "crm");

    assertThatIllegalStateException()
        .isThrownBy(() -> registryWith(NEW))
        .withMessageContaining("old")
        .withMessageContaining("secrets.key")
        .withMessageNotContaining(OLD.substring(4));
    assertThatIllegalStateException()
        .isThrownBy(() -> storage.webhookRegistry(Optional.empty(), RANDOM));
  }

  @Test
  void addsNothingWithoutAKey() throws SQLException {
    try (PostgresStorage empty =
        PostgresStorage.open(
            TestDatabase.create().settings(), new ManualClock(Samples.NOON), () -> {})) {
      WebhookRegistry without = empty.webhookRegistry(Optional.empty(), RANDOM);
      TenantInstance instance = WebhookRegistryContract.newInstance();

      assertThat(without.keepsSecrets()).isFalse();
      assertThat(registry.keepsSecrets()).isTrue();
      assertThatIllegalStateException()
          .isThrownBy(
              () -> without.add(WebhookRegistryContract.endpoint(instance, "crm", Samples.NOON), 100));
      assertThat(without.of(instance)).isEmpty();
    }
  }

  @Test
  void showsAnotherNodeWhatWasCommittedOnceItLooks() {
    TenantInstance instance = WebhookRegistryContract.newInstance();
    try (PostgresStorage other =
        PostgresStorage.open(database.settings(), new ManualClock(Samples.NOON), () -> {})) {
      WebhookRegistry there = other.webhookRegistry(Optional.of(new Secret(OLD)), RANDOM);
      // Its time stands still: it never looks by itself.
      var known = new CachedWebhookEndpoints(List.of(), there, () -> 0);
      assertThat(known.of(instance)).isEmpty();

      WebhookEndpoint first = added(instance, "crm");
      assertThat(known.of(instance)).isEmpty();
      known.refresh();
      assertThat(known.of(instance)).containsExactly(first);

      WebhookEndpoint second = WebhookRegistryContract.changed(first);
      assertThat(registry.replace(second)).isTrue();
      known.refresh();
      assertThat(known.find(instance, "crm")).contains(second);
      assertThat(registry.remove(instance, "crm")).isTrue();
      known.refresh();
      assertThat(known.of(instance)).isEmpty();
    }
  }
}
