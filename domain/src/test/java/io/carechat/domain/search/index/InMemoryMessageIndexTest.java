package io.carechat.domain.search.index;

import io.carechat.domain.chat.Message;
import java.util.List;

/** The fake keeps the contract that it stands in for. */
final class InMemoryMessageIndexTest
    implements MessageIndexContract.Propose,
        MessageIndexContract.ProposeInInstance,
        MessageIndexContract.IndexedUpTo,
        MessageIndexContract.Index,
        MessageIndexContract.Loss,
        IndexDocumentsContract {
  private final InMemoryMessageIndex index = new InMemoryMessageIndex();

  @Override
  public MessageIndex index() {
    return index;
  }

  @Override
  public IndexDocuments documents() {
    return index;
  }

  @Override
  public void deleteDocument(Message message) {
    index.lose(message);
  }

  @Override
  public void putDocument(Message message) {
    index.addBeyondWatermark(List.of(message));
  }

  @Override
  public void putStray() {
    index.addStray();
  }

  @Override
  public void loseEverything() {
    index.loseEverything();
  }
}
