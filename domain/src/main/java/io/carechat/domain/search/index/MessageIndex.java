package io.carechat.domain.search.index;

import io.carechat.domain.chat.ChatId;
import io.carechat.domain.chat.ExternalId;
import io.carechat.domain.chat.MessageKey;
import io.carechat.domain.chat.MessageRef;
import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.chat.Unavailable;
import io.carechat.domain.events.LogPosition;
import io.carechat.domain.paging.Window;
import io.carechat.domain.search.query.SearchFilter;
import io.carechat.domain.search.query.SearchQuery;
import java.time.Instant;
import java.util.List;

/**
 * Proposes messages that may match a query. The index follows the log. It may be behind the log or
 * unavailable. The search reads from the log what the index lacks, and decides which messages are
 * hits. Safe for use by many threads.
 */
public interface MessageIndex extends FollowedIndex {
  /**
   * A message of a chat that may match.
   *
   * @param id the id of the message
   * @param createdAt the time of the message, which is its key in the chat
   */
  record Proposal(ExternalId id, Instant createdAt) {}

  /**
   * Messages of a chat that may match.
   *
   * @param upTo a position in the log. Every message that was logged up to it was considered. Some
   *     later ones may have been considered too.
   * @param nearestFirst the proposals; those nearest to the window's cursor come first
   * @param more whether there may be more proposals, further away from the cursor; false if there
   *     are none at all
   */
  record Proposals(LogPosition upTo, List<Proposal> nearestFirst, boolean more) {
    /**
     * @throws IllegalArgumentException if there are more proposals but none in the list
     */
    public Proposals {
      nearestFirst = List.copyOf(nearestFirst);
      if (more && nearestFirst.isEmpty()) {
        throw new IllegalArgumentException("What lies further away has something before it");
      }
    }
  }

  /**
   * Proposes messages of a chat that lie in the window, pass the filter and match the query. Among
   * the messages that were logged up to {@link Proposals#upTo}, no such message is left out. Some
   * proposals may not match. But every proposal lies in the window and belongs to this chat.
   *
   * @param query not empty
   * @param limit the maximum number of proposals, 1 or more
   * @throws Unavailable if the index cannot give a complete answer
   * @throws QueryRefused if the index works, but does not carry out this query
   */
  Proposals propose(
      ChatId chat, SearchQuery query, SearchFilter filter, Window<Instant> window, int limit);

  /**
   * Returns a position in the log. Searches that begin now consider every message that was logged
   * up to it, and perhaps later ones. This takes little time, because the position may be one that
   * was read a second ago.
   *
   * @throws Unavailable if the index is unavailable
   * @throws QueryRefused if the index works, but does not carry out this call
   */
  LogPosition searchedUpTo();

  /**
   * A message of any chat of an instance that may match.
   *
   * @param chat the chat of the message
   * @param key the key of the message in the instance
   */
  record InstanceProposal(ChatId chat, MessageKey key) {
    /** Returns the reference to the message. */
    public MessageRef message() {
      return new MessageRef(chat, key.id());
    }
  }

  /**
   * Messages of an instance that may match.
   *
   * @param upTo as in {@link Proposals}
   * @param nearestFirst as in {@link Proposals}
   * @param more as in {@link Proposals}
   */
  record InstanceProposals(LogPosition upTo, List<InstanceProposal> nearestFirst, boolean more) {
    /**
     * @throws IllegalArgumentException if there are more proposals but none in the list
     */
    public InstanceProposals {
      nearestFirst = List.copyOf(nearestFirst);
      if (more && nearestFirst.isEmpty()) {
        throw new IllegalArgumentException("What lies further away has something before it");
      }
    }
  }

  /**
   * Proposes as {@link #propose} does, but messages of all chats of an instance. Every proposal
   * belongs to this instance.
   *
   * @param query not empty
   * @param limit the maximum number of proposals, 1 or more
   * @throws Unavailable if the index cannot give a complete answer
   * @throws QueryRefused if the index works, but does not carry out this query
   */
  InstanceProposals proposeInInstance(
      TenantInstance instance,
      SearchQuery query,
      SearchFilter filter,
      Window<MessageKey> window,
      int limit);
}
