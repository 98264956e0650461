package io.carechat.domain.search.index;

import io.carechat.domain.chat.ChatId;
import io.carechat.domain.chat.ExternalId;
import io.carechat.domain.chat.MessageKey;
import io.carechat.domain.chat.MessageRef;
import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.chat.Unavailable;
import io.carechat.domain.events.LogPosition;
import io.carechat.domain.paging.Window;
import io.carechat.domain.search.ChatSearch;
import io.carechat.domain.search.query.SearchFilter;
import io.carechat.domain.search.query.SearchQuery;
import java.time.Instant;
import java.util.List;

/**
 * Proposes messages that may match a query. It follows the log and may lag behind it or be away;
 * {@link ChatSearch} makes up for both, and decides what is a hit. Safe for use by many threads.
 */
public interface MessageIndex extends FollowedIndex {
  /** A message that may match, and its place in the chat. */
  record Proposal(ExternalId id, Instant createdAt) {}

  /**
   * Messages of a chat that may match.
   *
   * @param upTo every message logged up to here took part; of later ones, any may have
   * @param nearestFirst the proposals nearest to the window's border, in the order away from it
   * @param more whether there may be more, further away; never of no proposals
   */
  record Proposals(LogPosition upTo, List<Proposal> nearestFirst, boolean more) {
    /**
     * @throws IllegalArgumentException if there are more than none
     */
    public Proposals {
      nearestFirst = List.copyOf(nearestFirst);
      if (more && nearestFirst.isEmpty()) {
        throw new IllegalArgumentException("What lies further away has something before it");
      }
    }
  }

  /**
   * Proposes the messages of a chat that lie in the window, pass the filter, and match the query.
   * None that does is missing among those logged up to {@link Proposals#upTo}. Some may be there
   * that don't match; but none outside of the window, and never one of another chat.
   *
   * @param query not empty
   * @param limit 1 or more
   * @throws Unavailable if the index cannot answer, or not completely
   */
  Proposals propose(
      ChatId chat, SearchQuery query, SearchFilter filter, Window<Instant> window, int limit);

  /** A message of any chat of an instance that may match, and its key in the instance. */
  record InstanceProposal(ChatId chat, MessageKey key) {
    /** The message. */
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
     * @throws IllegalArgumentException if there are more than none
     */
    public InstanceProposals {
      nearestFirst = List.copyOf(nearestFirst);
      if (more && nearestFirst.isEmpty()) {
        throw new IllegalArgumentException("What lies further away has something before it");
      }
    }
  }

  /**
   * As {@link #propose}, across all chats of an instance, and never one of another instance.
   *
   * @param query not empty
   * @param limit 1 or more
   * @throws Unavailable if the index cannot answer, or not completely
   */
  InstanceProposals proposeInInstance(
      TenantInstance instance,
      SearchQuery query,
      SearchFilter filter,
      Window<MessageKey> window,
      int limit);
}
