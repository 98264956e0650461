package io.carechat.persistence.webhooks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.carechat.domain.chat.EndpointId;
import io.carechat.domain.chat.ManualClock;
import io.carechat.domain.chat.Samples;
import io.carechat.domain.chat.Secret;
import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.chat.Unavailable;
import io.carechat.domain.webhooks.CachedWebhookEndpoints;
import io.carechat.domain.webhooks.WebhookEndpoint;
import io.carechat.domain.webhooks.WebhookRegistry;
import io.carechat.domain.webhooks.WebhookRegistryContract;
import io.carechat.domain.webhooks.delivery.DeliveryPorts;
import io.carechat.domain.webhooks.delivery.EndpointHealth;
import io.carechat.domain.webhooks.delivery.NewDelivery;
import io.carechat.persistence.PostgresStorage;
import io.carechat.persistence.StorageTest;
import io.carechat.persistence.TestDatabase;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The registry keeps the port's contract, secrets as secrets, and changes in one transaction. */
final class PostgresWebhookRegistryTest extends StorageTest
    implements WebhookRegistryContract.Adding,
        WebhookRegistryContract.Changing,
        WebhookRegistryContract.Enabling {
  private static final EndpointId CRM = new EndpointId("crm");
  private static final String OLD = "old:" + WebhookRegistryContract.newKey().value();
  private static final String NEW = "new:" + WebhookRegistryContract.newKey().value();

  private static final SecureRandom RANDOM = new SecureRandom();

  private final WebhookRegistry registry = registryWith(OLD);

  @Override
  public WebhookRegistry registry() {
    return registry;
  }

  /** The same ports, with the registry whose key the tests know. */
  @Override
  public DeliveryPorts ports() {
    DeliveryPorts all = super.ports();
    return new DeliveryPorts(
        all.plans(),
        all.queue(),
        all.states(),
        all.redeliveries(),
        all.retention(),
        all.queries(),
        registry);
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
    WebhookEndpoint endpoint = added(instance, CRM);

    String row = rows(instance).getFirst();
    assertThat(row).contains("https://crm.partner.example/", "old.");
    for (Secret secret : endpoint.secrets().signingKeysAt(Samples.NOON)) {
      assertThat(row).doesNotContain(secret.value());
    }
    assertThat(row).doesNotContain("key of crm").doesNotContain("secret of");
  }

  @Test
  void readsNoSecretThatWasCopiedToAnotherRowOrColumn() throws SQLException {
    TenantInstance instance = WebhookRegistryContract.newInstance();
    TenantInstance other = WebhookRegistryContract.newInstance();
    added(instance, CRM);
    added(other, CRM);
    added(other, new EndpointId("erp"));
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
        "delete from carechat.webhook_endpoint where tenant_name = '"
            + instance.tenantName()
            + "'");
  }

  @Test
  void replacesKeysWhenEndpointsAreChanged() throws SQLException {
    TenantInstance instance = WebhookRegistryContract.newInstance();
    WebhookEndpoint first = added(instance, CRM);
    WebhookRegistry withBoth = registryWith(NEW + "," + OLD);

    assertThat(withBoth.of(instance)).containsExactly(first);
    WebhookEndpoint second = WebhookRegistryContract.changed(first);
    assertThat(withBoth.replace(second, null)).isTrue();
    assertThat(rows(instance).getFirst()).contains("new.").doesNotContain("old.");
    assertThat(registryWith(OLD + "\n" + NEW).of(instance)).containsExactly(second);
    assertThatIllegalStateException()
        .isThrownBy(() -> registry.of(instance))
        .withMessageContaining("new");

    assertThat(withBoth.remove(instance, CRM)).isTrue();
  }

  @Test
  void refusesToGoOnWithoutAKeyThatIsInUse() {
    TenantInstance instance = WebhookRegistryContract.newInstance();
    added(instance, CRM);

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
          .isThrownBy(() ->
              without.add(
                  WebhookRegistryContract.endpoint(instance, CRM, Samples.NOON), true, 100));
      assertThat(without.of(instance)).isEmpty();
    }
  }

  @Test
  void showsAnotherNodeWhatWasCommittedOnceItReadsAgain() {
    TenantInstance instance = WebhookRegistryContract.newInstance();
    try (PostgresStorage other =
        PostgresStorage.open(database.settings(), new ManualClock(Samples.NOON), () -> {})) {
      WebhookRegistry there = other.webhookRegistry(Optional.of(new Secret(OLD)), RANDOM);
      // Its time stands still: it never reads again by itself.
      var known = new CachedWebhookEndpoints(List.of(), there, () -> 0);
      assertThat(known.of(instance)).isEmpty();

      WebhookEndpoint first = added(instance, CRM);
      assertThat(known.of(instance)).isEmpty();
      known.refresh();
      assertThat(known.of(instance)).containsExactly(first);

      WebhookEndpoint second = WebhookRegistryContract.changed(first);
      assertThat(registry.replace(second, null)).isTrue();
      known.refresh();
      assertThat(known.find(instance, CRM)).contains(second);
      assertThat(registry.remove(instance, CRM)).isTrue();
      known.refresh();
      assertThat(known.of(instance)).isEmpty();
    }
  }

  // --- all of a change or nothing

  /**
   * Another transaction has begun to disable or enable an endpoint, and holds the lock of that row.
   * So a change of the registry gets as far as that, and then has to give up.
   */
  private Connection holding(TenantInstance instance) throws SQLException {
    Connection other = database.superuser();
    other.setAutoCommit(false);
    TestDatabase.execute(
        other,
        """
        insert into carechat.webhook_endpoint_disabled (tenant_name, instance_name, endpoint_id, disabled_at)
        values ('%s', '%s', 'crm', now())
        on conflict (tenant_name, instance_name, endpoint_id) do update set disabled_at = now()
        """
            .formatted(instance.tenantName(), instance.instanceName()));
    return other;
  }

  @Test
  void addsNothingIfItCannotAlsoDisable() throws SQLException {
    TenantInstance instance = WebhookRegistryContract.newInstance();
    WebhookEndpoint endpoint = WebhookRegistryContract.endpoint(instance, CRM, Samples.NOON);
    long revision = registry.revision();
    try (Connection other = holding(instance)) {
      assertThatThrownBy(() -> registry.add(endpoint, false, 100)).isInstanceOf(Unavailable.class);
      other.rollback();
    }

    assertThat(registry.of(instance)).isEmpty();
    assertThat(registry.revision()).isEqualTo(revision);
    assertThat(registry.add(endpoint, false, 100)).isTrue();
    assertThat(health(instance, CRM).disabled()).isNotNull();
  }

  @Test
  void changesNothingIfItCannotAlsoDisable() throws SQLException {
    TenantInstance instance = WebhookRegistryContract.newInstance();
    WebhookEndpoint first = added(instance, CRM);
    WebhookEndpoint second = WebhookRegistryContract.changed(first);
    long revision = registry.revision();
    try (Connection other = holding(instance)) {
      assertThatThrownBy(() -> registry.replace(second, false)).isInstanceOf(Unavailable.class);
      other.rollback();
    }

    assertThat(registry.of(instance)).containsExactly(first);
    assertThat(registry.revision()).isEqualTo(revision);
    assertThat(health(instance, CRM)).isEqualTo(EndpointHealth.GOOD);
    // The same change again is not refused as one of another version.
    assertThat(registry.replace(second, false)).isTrue();
    assertThat(health(instance, CRM).disabled()).isNotNull();
  }

  @Test
  void changesNothingIfItCannotAlsoEnable() throws SQLException {
    TenantInstance instance = WebhookRegistryContract.newInstance();
    WebhookEndpoint second = disabledByPartner(instance, CRM);
    EndpointHealth disabled = health(instance, CRM);
    WebhookEndpoint third = WebhookRegistryContract.changed(second);
    long revision = registry.revision();
    try (Connection other = holding(instance)) {
      assertThatThrownBy(() -> registry.replace(third, true)).isInstanceOf(Unavailable.class);
      other.rollback();
    }

    assertThat(registry.of(instance)).containsExactly(second);
    assertThat(registry.revision()).isEqualTo(revision);
    assertThat(health(instance, CRM)).isEqualTo(disabled);
    assertThat(registry.replace(third, true)).isTrue();
    assertThat(health(instance, CRM)).isEqualTo(EndpointHealth.GOOD);
  }

  @Test
  void removesNothingIfItCannotAlsoRelease() throws SQLException {
    TenantInstance instance = WebhookRegistryContract.newInstance();
    WebhookEndpoint endpoint = disabledByPartner(instance, CRM);
    EndpointHealth disabled = health(instance, CRM);
    try (Connection other = holding(instance)) {
      assertThatThrownBy(() -> registry.remove(instance, CRM)).isInstanceOf(Unavailable.class);
      other.rollback();
    }

    assertThat(registry.of(instance)).containsExactly(endpoint);
    assertThat(health(instance, CRM)).isEqualTo(disabled);
    assertThat(registry.remove(instance, CRM)).isTrue();
    assertThat(health(instance, CRM)).isEqualTo(EndpointHealth.GOOD);
  }

  /** The change is made, and the lanes follow later: they are no part of its transaction. */
  @Test
  void enablesThoughALaneCannotBeReleasedAtOnce() throws SQLException {
    TenantInstance instance = WebhookRegistryContract.newInstance();
    WebhookEndpoint second = disabledByPartner(instance, CRM);
    NewDelivery waiting = planned(Samples.chatIn(instance), CRM);
    try (Connection other = database.superuser()) {
      other.setAutoCommit(false);
      TestDatabase.execute(
          other,
          "select from carechat.webhook_lane where tenant_name = '"
              + instance.tenantName()
              + "' for update");

      assertThat(registry.replace(WebhookRegistryContract.changed(second), true)).isTrue();

      assertThat(health(instance, CRM)).isEqualTo(EndpointHealth.GOOD);
      other.rollback();
    }
    continueAll(10);
    assertThat(claimIds(NOW)).containsExactly(waiting.id());
  }
}
