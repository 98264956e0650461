package io.carechat.domain;

/** The fake keeps the contract that it stands in for. */
final class InMemoryWebhookLedgerTest
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
  private final InMemoryMessageLog log = new InMemoryMessageLog(new ManualClock(Samples.NOON));
  private final InMemoryWebhookLedger ledger = new InMemoryWebhookLedger(log::log);

  @Override
  public WebhookLedger ledger() {
    return ledger;
  }

  @Override
  public MessageLog log() {
    return log;
  }

  @Override
  public EventLog events() {
    return log;
  }

  @Override
  public InstanceEvents instanceEvents() {
    return log;
  }

  @Override
  public Deliveries deliveries() {
    return ledger;
  }
}
