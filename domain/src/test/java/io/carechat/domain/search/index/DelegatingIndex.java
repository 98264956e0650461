package io.carechat.domain.search.index;

import io.carechat.domain.chat.ChatId;
import io.carechat.domain.chat.Message;
import io.carechat.domain.chat.MessageKey;
import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.events.LogPosition;
import io.carechat.domain.paging.Window;
import io.carechat.domain.search.query.SearchFilter;
import io.carechat.domain.search.query.SearchQuery;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/** Does what another index does. Tests override what should be different. */
public class DelegatingIndex implements MessageIndex {
  private final MessageIndex index;

  /**
   * @param index does the work
   */
  public DelegatingIndex(MessageIndex index) {
    this.index = index;
  }

  /** Returns an index that follows the log as the given one does, and refuses every query. */
  public static MessageIndex refusing(MessageIndex index) {
    return new DelegatingIndex(index) {
      @Override
      public Proposals propose(
          ChatId chat, SearchQuery query, SearchFilter filter, Window<Instant> window, int limit) {
        throw new QueryRefused("The test refuses", Duration.ofSeconds(7));
      }

      @Override
      public InstanceProposals proposeInInstance(
          TenantInstance instance,
          SearchQuery query,
          SearchFilter filter,
          Window<MessageKey> window,
          int limit) {
        throw new QueryRefused("The test refuses", Duration.ofSeconds(7));
      }
    };
  }

  @Override
  public Proposals propose(
      ChatId chat, SearchQuery query, SearchFilter filter, Window<Instant> window, int limit) {
    return index.propose(chat, query, filter, window, limit);
  }

  @Override
  public InstanceProposals proposeInInstance(
      TenantInstance instance,
      SearchQuery query,
      SearchFilter filter,
      Window<MessageKey> window,
      int limit) {
    return index.proposeInInstance(instance, query, filter, window, limit);
  }

  @Override
  public LogPosition searchedUpTo() {
    return index.searchedUpTo();
  }

  @Override
  public LogPosition indexedUpTo() {
    return index.indexedUpTo();
  }

  @Override
  public void index(LogPosition after, List<Message> messages, LogPosition upTo) {
    index.index(after, messages, upTo);
  }
}
