package io.carechat.domain.search.index;

import static io.carechat.domain.chat.Samples.NOON;
import static io.carechat.domain.chat.Samples.chatIn;
import static io.carechat.domain.chat.Samples.stored;
import static org.assertj.core.api.Assertions.assertThat;

import io.carechat.domain.chat.ManualClock;
import io.carechat.domain.chat.Message;
import io.carechat.domain.chat.MessageRef;
import io.carechat.domain.chat.Samples;
import io.carechat.domain.events.LogPosition;
import io.carechat.domain.messages.InMemoryMessageLog;
import io.carechat.domain.search.index.IndexReconciler.Counts;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class IndexReconcilerTest {
  private final ManualClock clock = new ManualClock(NOON);
  private final InMemoryMessageLog log = new InMemoryMessageLog(clock);
  private final InMemoryMessageIndex index = new InMemoryMessageIndex();
  private final List<Message> sent = new ArrayList<>();

  private IndexReconciler reconciler(int batch, int seed) {
    return new IndexReconciler(log, log, index, index, new Random(seed), batch);
  }

  private void send(int count) {
    for (int i = 0; i < count; i++) {
      clock.move(Duration.ofMillis(i % 2));
      sent.add(
          stored(
              log, chatIn(i % 3 == 0 ? Samples.OTHER_TENANT : Samples.THIS_INSTANCE), "knee " + i));
    }
  }

  private void follow() {
    new IndexFollower(log, index, 1_000).step();
  }

  private List<Message> documents() {
    var found = new ArrayList<Message>();
    for (IndexDocuments.Document document : index.read(null, 1_000).documents()) {
      MessageRef message = document.message().orElseThrow();
      found.addAll(log.findAll(message.chat(), List.of(message.id())));
    }
    return found;
  }

  @Test
  void repairsEveryFaultInARoundWhereverItBegins() {
    send(20);
    for (int batch : List.of(1, 3, 100)) {
      for (int seed = 0; seed < 10; seed++) {
        index.loseEverything();
        index.indexedUpTo();
        follow();
        index.lose(sent.get(0));
        index.lose(sent.get(13));
        index.addBeyondWatermark(
            List.of(
                IndexDocumentsContract.altered(sent.get(7), "another"),
                MessageIndexContract.message(chatIn(Samples.THIS_INSTANCE), NOON, "never sent"),
                MessageIndexContract.message(sent.get(3).chat(), NOON, "never sent")));
        index.addStray();
        IndexReconciler reconciler = reconciler(batch, seed);

        // At most two rounds, because it begins anywhere, and one step beyond each end.
        for (int i = 0; i < 2 * (24 / batch + 2); i++) {
          reconciler.step();
        }

        assertThat(documents()).containsExactlyInAnyOrderElementsOf(sent);
        assertThat(index.compare(LogPosition.START, sent))
            .isEqualTo(new IndexDocuments.Comparison(List.of(), List.of()));
        Counts counts = reconciler.counts();
        assertThat(counts.compared()).isGreaterThanOrEqualTo(40);
        assertThat(counts).isEqualTo(new Counts(counts.compared(), 2, 1, 3, 6));
      }
    }
  }

  @Test
  void findsNothingWrongIfNothingIsWrong() {
    send(10);
    follow();
    IndexReconciler reconciler = reconciler(3, 1);

    for (int i = 0; i < 10; i++) {
      reconciler.step();
    }

    Counts counts = reconciler.counts();
    assertThat(counts).isEqualTo(new Counts(counts.compared(), 0, 0, 0, 0));
    assertThat(counts.compared()).isPositive();
  }

  @Test
  void ignoresWhatTheFollowerHasNotReached() {
    send(4);
    IndexReconciler reconciler = reconciler(100, 1);
    index.indexedUpTo();

    reconciler.step();
    assertThat(index.read(null, 10).documents()).isEmpty();
    new IndexFollower(log, index, 2).step();
    index.addBeyondWatermark(sent.subList(2, 3));
    for (int i = 0; i < 4; i++) {
      reconciler.step();
    }

    assertThat(index.read(null, 10).documents()).hasSize(3);
    assertThat(reconciler.counts().repaired()).isZero();
  }
}
