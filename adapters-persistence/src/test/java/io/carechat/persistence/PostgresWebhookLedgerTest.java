package io.carechat.persistence;

import io.carechat.domain.Deliveries;
import io.carechat.domain.DeliveriesContract;
import io.carechat.domain.EventLog;
import io.carechat.domain.InstanceEvents;
import io.carechat.domain.ManualClock;
import io.carechat.domain.MessageLog;
import io.carechat.domain.WebhookLedger;
import io.carechat.domain.WebhookLedgerContract;
import java.sql.SQLException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.TestInstance;

/** The ledger keeps the port's contract. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class PostgresWebhookLedgerTest
    implements WebhookLedgerContract.Plan,
        WebhookLedgerContract.Claim,
        WebhookLedgerContract.ClaimWithRoom,
        WebhookLedgerContract.Settle,
        WebhookLedgerContract.SettleAndGoOn,
        WebhookLedgerContract.OfChat,
        WebhookLedgerContract.Disabling,
        DeliveriesContract.Read,
        DeliveriesContract.Failing,
        DeliveriesContract.Redeliver,
        DeliveriesContract.RedeliverAll,
        DeliveriesContract.Forget {
  private final PostgresStorage storage;

  PostgresWebhookLedgerTest() throws SQLException {
    storage =
        PostgresStorage.open(
            TestDatabase.create().settings(), new ManualClock(WebhookLedgerContract.NOW), () -> {});
  }

  @AfterAll
  void close() {
    storage.close();
  }

  @Override
  public WebhookLedger ledger() {
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
  public Deliveries deliveries() {
    return storage.deliveries();
  }
}
