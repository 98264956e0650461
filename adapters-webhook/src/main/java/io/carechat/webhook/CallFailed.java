package io.carechat.webhook;

/** A call that came to nothing, for a reason that the partner may read in the ledger. */
final class CallFailed extends Exception {
  private static final long serialVersionUID = 1;

  /**
   * @param reason short, without secrets and without anything of the message
   */
  CallFailed(String reason) {
    super(reason);
  }

  String reason() {
    return String.valueOf(getMessage());
  }
}
