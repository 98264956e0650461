package io.carechat.demo;

import io.carechat.domain.chat.ChatId;
import io.carechat.domain.chat.Message;
import io.carechat.domain.chat.MessageKey;
import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.chat.Unavailable;
import io.carechat.domain.events.LogPosition;
import io.carechat.domain.paging.Window;
import io.carechat.domain.search.index.MessageIndex;
import io.carechat.domain.search.query.SearchFilter;
import io.carechat.domain.search.query.SearchQuery;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * An index that is unavailable for two scenarios: for the patient of {@link
 * Scenario#SEARCH_ENGINE_AWAY}, and for the query of {@link Scenario#INSTANCE_SEARCH_AWAY} in all
 * chats.
 */
final class MisbehavingIndex implements MessageIndex {
  private final MessageIndex index;

  MisbehavingIndex(MessageIndex index) {
    this.index = index;
  }

  @Override
  public Proposals propose(
      ChatId chat, SearchQuery query, SearchFilter filter, Window<Instant> window, int limit) {
    if (Scenario.SEARCH_ENGINE_AWAY.isOf(chat.patient())) {
      throw away("The scenario of this patient");
    }
    return index.propose(chat, query, filter, window, limit);
  }

  @Override
  public InstanceProposals proposeInInstance(
      TenantInstance instance,
      SearchQuery query,
      SearchFilter filter,
      Window<MessageKey> window,
      int limit) {
    if (query.text().equals(Scenario.INSTANCE_SEARCH_AWAY.trigger())) {
      throw away("The scenario of this query");
    }
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

  private static Unavailable away(String why) {
    return new Unavailable(why, Duration.ofSeconds(1));
  }
}
