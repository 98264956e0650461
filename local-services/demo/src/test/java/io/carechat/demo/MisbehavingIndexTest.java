package io.carechat.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.carechat.domain.ChatId;
import io.carechat.domain.InstanceWindow;
import io.carechat.domain.LogPosition;
import io.carechat.domain.Message;
import io.carechat.domain.MessageIndex;
import io.carechat.domain.SearchFilter;
import io.carechat.domain.SearchQuery;
import io.carechat.domain.TenantInstance;
import io.carechat.domain.Unavailable;
import io.carechat.domain.Window;
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
                ChatId chat, SearchQuery query, SearchFilter filter, Window window, int limit) {
              throw new AssertionError("asked for a chat");
            }

            @Override
            public InstanceProposals proposeInInstance(
                TenantInstance place,
                SearchQuery query,
                SearchFilter filter,
                InstanceWindow window,
                int limit) {
              return PROPOSED;
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
        SearchFilter.NONE,
        new InstanceWindow.Newest(),
        10);
  }

  @Test
  void isAwayForTheQueryOfTheScenarioAlone() {
    assertThatThrownBy(() -> proposed(Scenario.INSTANCE_SEARCH_AWAY.trigger()))
        .isInstanceOf(Unavailable.class);
    assertThat(proposed("hello")).isSameAs(PROPOSED);
  }
}
