package io.carechat.persistence.inbox;

import static io.carechat.domain.chat.ClientType.CARE_TEAM;
import static io.carechat.domain.chat.ClientType.PATIENT;
import static io.carechat.domain.chat.Samples.answer;
import static io.carechat.domain.chat.Samples.chatIn;
import static io.carechat.domain.chat.Samples.stored;
import static org.assertj.core.api.Assertions.assertThat;

import io.carechat.domain.chat.ChatId;
import io.carechat.domain.chat.ClientType;
import io.carechat.domain.chat.Message;
import io.carechat.domain.chat.Samples;
import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.inbox.ChatFilter;
import io.carechat.domain.inbox.ChatSummary;
import io.carechat.domain.messages.MessageLogContract;
import io.carechat.domain.paging.Slice;
import io.carechat.domain.paging.Window;
import io.carechat.persistence.StorageTest;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What a side has not read is listed also if nodes of the version before write meanwhile. */
final class OlderNodesTest extends StorageTest {
  private boolean isListed(ChatId chat, ClientType side) {
    Slice<ChatSummary> found =
        chats().list(chat.instance(), new ChatFilter(side), new Window.Newest<>(), 5);
    assertThat(found.olderExist()).isFalse();
    assertThat(found.newestFirst()).extracting(ChatSummary::chat).isSubsetOf(chat);
    return !found.newestFirst().isEmpty();
  }

  private void markAll(ChatId chat, ClientType side) {
    Message last = chats().find(chat).orElseThrow().summary().lastMessage();
    markers().advance(chat, side, last.externalId());
  }

  @Test
  void aMessageThatAnOlderNodeStoredIsUnread() throws SQLException {
    ChatId chat = chatIn(Samples.newInstance());
    stored(log(), answer(chat, "hello"));
    markAll(chat, PATIENT);
    assertThat(isListed(chat, PATIENT)).isFalse();
    try (Connection older = database.superuser()) {
      OlderNode.send(older, chat, PATIENT);
      assertThat(isListed(chat, CARE_TEAM)).isTrue();
      // It is noted for both sides, and the list sees that one side has read it.
      assertThat(isListed(chat, PATIENT)).isFalse();

      stored(log(), answer(chat, "an answer of a newer node"));
      assertThat(isListed(chat, CARE_TEAM)).isTrue();
      assertThat(isListed(chat, PATIENT)).isTrue();

      OlderNode.mark(older, chat, CARE_TEAM);
      assertThat(isListed(chat, CARE_TEAM)).isFalse();
      OlderNode.mark(older, chat, PATIENT);
      assertThat(isListed(chat, PATIENT)).isFalse();

      OlderNode.send(older, chat, CARE_TEAM);
      assertThat(isListed(chat, CARE_TEAM)).isFalse();
      assertThat(isListed(chat, PATIENT)).isTrue();
    }
    assertThat(NotedUnread.hidden(database)).isZero();
  }

  @Test
  void aChatThatAnOlderNodeOpenedIsListed() throws SQLException {
    ChatId chat = chatIn(Samples.newInstance());
    try (Connection older = database.superuser()) {
      OlderNode.send(older, chat, PATIENT);
    }
    assertThat(isListed(chat, CARE_TEAM)).isTrue();
    assertThat(isListed(chat, PATIENT)).isFalse();
  }

  /** One mark is enough, of either side, even one that moves nothing. */
  @Test
  void aMarkNotesWhatOlderNodesDidNot() throws SQLException {
    ChatId chat = chatIn(Samples.newInstance());
    try (Connection older = database.superuser()) {
      OlderNode.send(older, chat, CARE_TEAM);
      OlderNode.mark(older, chat, PATIENT);
    }
    long before = NotedUnread.wrong(database);

    markAll(chat, PATIENT);

    // Other tests leave chats that are noted wrongly, but do not run meanwhile.
    assertThat(NotedUnread.wrong(database)).isEqualTo(before - 1);
  }

  @Test
  void nothingIsHiddenWhateverBothVersionsDoAtOnce() throws Exception {
    TenantInstance instance = Samples.newInstance();
    List<ChatId> chats = Stream.generate(() -> chatIn(instance)).limit(10).toList();
    var seed = new AtomicInteger();
    MessageLogContract.atOnce(
        8,
        () -> {
          var random = new Random(seed.getAndIncrement());
          try (Connection older = database.superuser()) {
            for (int i = 0; i < 40; i++) {
              ChatId chat = chats.get(random.nextInt(chats.size()));
              ClientType side = random.nextBoolean() ? PATIENT : CARE_TEAM;
              switch (random.nextInt(4)) {
                case 0 -> OlderNode.send(older, chat, side);
                case 1 -> OlderNode.mark(older, chat, side);
                case 2 ->
                    stored(
                        log(),
                        side == PATIENT ? Samples.message(chat, "hello") : answer(chat, "hello"));
                default -> {
                  if (chats().find(chat).isPresent()) {
                    markAll(chat, side);
                  }
                }
              }
            }
          }
          return true;
        });
    assertThat(NotedUnread.hidden(database)).isZero();
    List<ChatSummary> all =
        chats().list(instance, ChatFilter.ALL, new Window.Newest<>(), 100).newestFirst();
    for (ClientType side : ClientType.values()) {
      assertThat(chats().list(instance, new ChatFilter(side), new Window.Newest<>(), 100))
          .isEqualTo(
              new Slice<>(all.stream().filter(chat -> chat.unread().by(side) > 0).toList(), false));
    }
  }
}
