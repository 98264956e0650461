package io.carechat.domain;

/** The fake keeps the contract that it stands in for. */
final class InMemoryWebhookLedgerTest
    implements WebhookLedgerContract.Plan,
        WebhookLedgerContract.Claim,
        WebhookLedgerContract.Settle,
        WebhookLedgerContract.OfChat,
        WebhookLedgerContract.Disabling {
  private final InMemoryMessageLog log = new InMemoryMessageLog(new ManualClock(Samples.NOON));
  private final WebhookLedger ledger = new InMemoryWebhookLedger();

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
}
