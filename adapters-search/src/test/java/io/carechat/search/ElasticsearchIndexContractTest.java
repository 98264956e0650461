package io.carechat.search;

import io.carechat.domain.chat.Message;
import io.carechat.domain.search.index.IndexDocuments;
import io.carechat.domain.search.index.IndexDocumentsContract;
import io.carechat.domain.search.index.MessageIndex;
import io.carechat.domain.search.index.MessageIndexContract;
import io.carechat.search.ElasticsearchIndex.Settings;
import org.junit.jupiter.api.AfterEach;

/** The index in a real Elasticsearch keeps the contract. */
final class ElasticsearchIndexContractTest
    implements MessageIndexContract.Propose,
        MessageIndexContract.ProposeInInstance,
        MessageIndexContract.IndexedUpTo,
        MessageIndexContract.Index,
        MessageIndexContract.Loss,
        IndexDocumentsContract {
  private final Settings settings = Elasticsearch.newSettings();
  private final ElasticsearchIndex index = Elasticsearch.open(settings);

  @AfterEach
  void end() {
    index.close();
    Elasticsearch.delete(settings);
  }

  @Override
  public MessageIndex index() {
    return index;
  }

  @Override
  public IndexDocuments documents() {
    return index.documents();
  }

  @Override
  public void deleteDocument(Message message) {
    Elasticsearch.deleteDocument(settings, message);
  }

  @Override
  public void putDocument(Message message) {
    Elasticsearch.putDocument(settings, message);
  }

  @Override
  public void putStray() {
    Elasticsearch.putStray(settings);
  }

  @Override
  public void loseEverything() {
    Elasticsearch.delete(settings);
  }
}
