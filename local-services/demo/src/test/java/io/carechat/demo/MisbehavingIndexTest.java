package io.carechat.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is searched in all chats is away for one query, and there for every other. */
final class MisbehavingIndexTest {
  private static final MessageIndex.InstanceProposals PROPOSED =
      new MessageIndex.InstanceProposals(LogPosition.START, List.of(), false);

  private final MisbehavingIndex index =
      new MisbehavingIndex(
          new MessageIndex() {
            @Override
            public Proposals propose(
                ChatId chat,
                SearchQuery query,
                SearchFilter filter,
                Window<Instant> window,
                int limit) {
              throw new AssertionError("asked for a chat");
            }

            @Override
            public InstanceProposals proposeInInstance(
                TenantInstance instance,
                SearchQuery query,
                SearchFilter filter,
                Window<MessageKey> window,
                int limit) {
              return PROPOSED;
            }

            @Override
            public LogPosition searchedUpTo() {
              return LogPosition.START;
            }

            @Override
            public LogPosition indexedUpTo() {
              return LogPosition.START;
            }

            @Override
            public void index(LogPosition after, List<Message> messages, LogPosition upTo) {
              throw new AssertionError("asked to index");
            }
          });

  private MessageIndex.InstanceProposals proposed(String query) {
    return index.proposeInInstance(
        new TenantInstance("test-den", "chat2"),
        SearchQuery.parse(query),
        new SearchFilter(null, null, null),
        new Window.Newest<>(),
        10);
  }

  @Test
  void isAwayForTheQueryOfTheScenarioAlone() {
    assertThatThrownBy(() -> proposed(Scenario.INSTANCE_SEARCH_AWAY.trigger()))
        .isInstanceOf(Unavailable.class);
    assertThat(proposed("hello")).isSameAs(PROPOSED);
  }
}
