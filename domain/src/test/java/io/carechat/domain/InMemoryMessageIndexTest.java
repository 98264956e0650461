package io.carechat.domain;

/** The fake keeps the contract that it stands in for. */
final class InMemoryMessageIndexTest
    implements MessageIndexContract.Propose,
        MessageIndexContract.ProposeInInstance,
        MessageIndexContract.IndexedUpTo,
        MessageIndexContract.Index,
        MessageIndexContract.Loss {
  private final InMemoryMessageIndex index = new InMemoryMessageIndex();

  @Override
  public MessageIndex index() {
    return index;
  }

  @Override
  public void loseEverything() {
    index.loseEverything();
  }
}
