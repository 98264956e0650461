package io.carechat.domain.records;

import io.carechat.domain.chat.ChatId;
import io.carechat.domain.chat.Unavailable;
import java.time.Instant;

/**
 * Removes erased messages from the search index, and from its files. Safe for use by many threads.
 * Every method may throw {@link Unavailable}.
 */
public interface ErasedDocuments {
  /**
   * Removes the documents of a chat's messages that were created up to a time, from every index of
   * the service, also from one that is being rebuilt or is no longer used. When this returns, no
   * search finds them.
   *
   * @return how many documents were removed by this call
   */
  long remove(ChatId chat, Instant through);

  /**
   * Rewrites the files that contain removed documents, and checks that no file of any index
   * contains one.
   *
   * @return false if there are some left, because the index keeps them for a while longer; the
   *     caller tries again some seconds later
   */
  boolean purge();
}
