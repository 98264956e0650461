package io.carechat.persistence.webhooks.delivery;
import io.carechat.domain.chat.ManualClock;
import io.carechat.domain.events.EventLog;
import io.carechat.domain.feeds.InstanceEvents;
import io.carechat.domain.messages.MessageLog;
import io.carechat.domain.webhooks.delivery.DeliveryQueries;
import io.carechat.domain.webhooks.delivery.DeliveryQueriesContract;
import io.carechat.domain.webhooks.delivery.DeliveryStore;
import io.carechat.domain.webhooks.delivery.DeliveryStoreContract;
import io.carechat.persistence.PostgresStorage;
import io.carechat.persistence.TestDatabase;
import java.sql.SQLException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.TestInstance;

/** The ledger keeps the port's contract. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class PostgresDeliveryStoreTest
    implements DeliveryStoreContract.Plan,
        DeliveryStoreContract.Claim,
        DeliveryStoreContract.ClaimWithRoom,
        DeliveryStoreContract.Settle,
        DeliveryStoreContract.SettleAndGoOn,
        DeliveryStoreContract.OfChat,
        DeliveryStoreContract.Disabling,
        DeliveryQueriesContract.Read,
        DeliveryQueriesContract.Failing,
        DeliveryQueriesContract.Redeliver,
        DeliveryQueriesContract.RedeliverAll,
        DeliveryQueriesContract.Forget {
  private final PostgresStorage storage;

  PostgresDeliveryStoreTest() throws SQLException {
    storage =
        PostgresStorage.open(
            TestDatabase.create().settings(), new ManualClock(DeliveryStoreContract.NOW), () -> {});
  }

  @AfterAll
  void close() {
    storage.close();
  }

  @Override
  public DeliveryStore ledger() {
    return storage.webhookLedger();
  }

  @Override
  public MessageLog log() {
    return storage.messages();
  }

  @Override
  public EventLog events() {
    return storage.events();
  }

  @Override
  public InstanceEvents instanceEvents() {
    return storage.instanceEvents();
  }

  @Override
  public DeliveryQueries deliveries() {
    return storage.deliveries();
  }
}
