package io.carechat.domain.search.index;

import static io.carechat.domain.chat.Samples.NOON;
import static io.carechat.domain.chat.Samples.newChat;
import static io.carechat.domain.chat.Samples.stored;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.carechat.domain.chat.ChatId;
import io.carechat.domain.chat.ManualClock;
import io.carechat.domain.chat.Samples;
import io.carechat.domain.chat.Unavailable;
import io.carechat.domain.events.EventLog;
import io.carechat.domain.events.LogPosition;
import io.carechat.domain.messages.InMemoryMessageLog;
import io.carechat.domain.paging.Window;
import io.carechat.domain.search.query.SearchQuery;
import java.util.List;
import org.junit.jupiter.api.Test;

final class IndexFollowerTest {
  private static final SearchQuery WOUND = SearchQuery.parse("wound");

  private final InMemoryMessageLog log = new InMemoryMessageLog(new ManualClock(NOON));
  private final InMemoryMessageIndex index = new InMemoryMessageIndex();
  private final IndexFollower follower = new IndexFollower(log, index, 3);
  private final ChatId chat = newChat();

  private int found() {
    return index
        .propose(chat, WOUND, Samples.ALL_MESSAGES, new Window.Newest<>(), 100)
        .nearestFirst()
        .size();
  }

  private void send(int count) {
    for (int i = 0; i < count; i++) {
      stored(log, chat, "wound");
    }
  }

  @Test
  void followsInBatches() {
    send(7);

    assertThat(List.of(follower.step(), follower.step(), follower.step(), follower.step()))
        .containsExactly(3, 3, 1, 0);
    assertThat(found()).isEqualTo(7);
    assertThat(index.indexedUpTo()).isEqualTo(log.read(LogPosition.START, 10).getLast().position());

    send(1);
    assertThat(follower.step()).isEqualTo(1);
    assertThat(found()).isEqualTo(8);
  }

  @Test
  void reportsSinceWhenTheOldestEventWaits() {
    send(4);
    assertThat(follower.waitingSince()).isEmpty(); // It has not read it yet.

    follower.step();
    assertThat(follower.waitingSince()).contains(NOON.plusMillis(3));
    follower.step();
    assertThat(follower.waitingSince()).isEmpty();
    send(1);
    assertThat(follower.waitingSince()).contains(NOON.plusMillis(4));

    index.loseEverything();
    follower.step();
    assertThat(follower.waitingSince()).contains(NOON.plusMillis(3));
  }

  @Test
  void hasNothingToDoForAnEmptyLog() {
    assertThat(follower.step()).isZero();
    assertThat(index.indexedUpTo()).isEqualTo(LogPosition.START);
  }

  @Test
  void refillsAnIndexThatLostItsData() {
    send(5);
    follower.step();
    follower.step();

    index.loseEverything();

    assertThat(List.of(follower.step(), follower.step(), follower.step())).containsExactly(3, 2, 0);
    assertThat(found()).isEqualTo(5);
  }

  @Test
  void continuesWhereAnotherFollowerStopped() {
    send(5);
    follower.step();

    assertThat(new IndexFollower(log, index, 3).step()).isEqualTo(2);
    assertThat(follower.step()).isZero();
  }

  @Test
  void marksNothingAsIndexedInAnIndexThatWasReplacedMeanwhile() {
    send(5);
    follower.step();
    EventLog replacesTheIndexWhileItIsRead =
        (after, limit) -> {
          index.loseEverything();
          index.indexedUpTo();
          return log.read(after, limit);
        };

    assertThatExceptionOfType(Unavailable.class)
        .isThrownBy(() -> new IndexFollower(replacesTheIndexWhileItIsRead, index, 3).step());

    assertThat(index.indexedUpTo()).isEqualTo(LogPosition.START);
    follower.step();
    follower.step();
    assertThat(found()).isEqualTo(5);
  }
}
