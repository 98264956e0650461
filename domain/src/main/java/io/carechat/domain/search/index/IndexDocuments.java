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
 * The documents of the index one by one, for comparing them with the log and mending them. Every
 * method may throw {@link Unavailable}. Safe for use by many threads.
 */
public interface IndexDocuments {
  /**
   * What is wrong with the documents of messages.
   *
   * @param missing messages without a document
   * @param different messages whose document is not the one that was made of them
   */
  record Comparison(List<Message> missing, List<Message> different) {
    public Comparison {
      missing = List.copyOf(missing);
      different = List.copyOf(different);
    }
  }

  /**
   * A document.
   *
   * @param key names it to {@link #mend}; nothing else is to be read from it
   * @param message whose document it says it is; empty if it can be of none
   */
  record Document(String key, Optional<MessageRef> message) {}

  /**
   * Some documents in a row.
   *
   * @param documents in the order of their places; those that have none last, and not all of them
   *     if there are too many: the others come once these are gone
   * @param last the place from which to go on; null if there are no more
   */
  record Row(List<Document> documents, @Nullable MessageKey last) {
    public Row {
      documents = List.copyOf(documents);
    }
  }

  /**
   * Compares messages with their documents.
   *
   * @param upTo all of them were logged up to here
   * @throws Unavailable also if the index does not reach that far any more
   */
  Comparison compare(LogPosition upTo, List<Message> messages);

  /**
   * The documents whose places follow, of all instances.
   *
   * @param after null for the first
   * @param limit 1 or more
   */
  Row read(@Nullable MessageKey after, int limit);

  /**
   * Writes the documents of messages, whatever is there, and deletes documents. What is written is
   * found, and what is deleted is not, when it returns.
   */
  void mend(Collection<Message> write, Collection<Document> delete);
}
