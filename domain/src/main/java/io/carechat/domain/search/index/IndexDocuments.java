package io.carechat.domain.search.index;

import io.carechat.domain.chat.Message;
import io.carechat.domain.chat.MessageKey;
import io.carechat.domain.chat.MessageRef;
import io.carechat.domain.chat.Unavailable;
import io.carechat.domain.events.LogPosition;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The single documents of the index, for comparing them with the log and repairing them. Safe for
 * use by many threads. Every method may throw {@link Unavailable}.
 */
public interface IndexDocuments {
  /**
   * The result of comparing messages with their documents.
   *
   * @param missing the messages that have no document
   * @param different the messages whose document differs from the one that would be made of them
   */
  record Comparison(List<Message> missing, List<Message> different) {
    /** Copies the lists. */
    public Comparison {
      missing = List.copyOf(missing);
      different = List.copyOf(different);
    }
  }

  /**
   * A document of the index.
   *
   * @param key identifies the document for {@link #repair}; it has no other meaning
   * @param message the message that the document claims to be about; empty if it cannot be about
   *     any message
   */
  record Document(String key, Optional<MessageRef> message) {}

  /**
   * Consecutive documents.
   *
   * @param documents the documents in the order of the keys of their messages. Documents without a
   *     valid key come last, and there may be too many to return. The rest is returned once these
   *     have been deleted.
   * @param last the key after which to continue; null if there are no more documents
   */
  record Row(List<Document> documents, @Nullable MessageKey last) {
    /** Copies the list. */
    public Row {
      documents = List.copyOf(documents);
    }
  }

  /**
   * Compares messages with their documents.
   *
   * @param upTo a position in the log; all of the messages were logged up to it
   * @throws Unavailable also if the index does not reach up to this position any more
   */
  Comparison compare(LogPosition upTo, List<Message> messages);

  /**
   * Reads the next documents of all instances.
   *
   * @param after the key after which to begin; null to begin with the first
   * @param limit the maximum number of documents, 1 or more
   */
  Row read(@Nullable MessageKey after, int limit);

  /**
   * Writes the documents of messages, replacing any that exist, and deletes other documents. When
   * this returns, searches see the result.
   */
  void repair(Collection<Message> write, Collection<Document> delete);
}
