package io.carechat.search;

import static io.carechat.domain.chat.Samples.NOON;
import static io.carechat.domain.chat.Samples.chatIn;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.carechat.domain.access.Caller;
import io.carechat.domain.access.Scope;
import io.carechat.domain.chat.ChatId;
import io.carechat.domain.chat.ManualClock;
import io.carechat.domain.chat.MessageKey;
import io.carechat.domain.chat.Samples;
import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.chat.Unavailable;
import io.carechat.domain.events.LogPosition;
import io.carechat.domain.messages.InMemoryMessageLog;
import io.carechat.domain.messages.PagedMessage;
import io.carechat.domain.paging.PageSize;
import io.carechat.domain.search.ChatSearch;
import io.carechat.domain.search.InstanceSearch;
import io.carechat.domain.search.SearchPage;
import io.carechat.domain.search.SearchRequest;
import io.carechat.domain.search.index.IndexFollower;
import io.carechat.domain.search.index.IndexRebuild;
import io.carechat.domain.search.index.Reindexing;
import io.carechat.domain.search.query.SearchQuery;
import io.carechat.search.ElasticsearchIndex.Settings;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Rebuilding the index beside the one that is searched, on a real Elasticsearch. */
final class ReindexingTest {
  private final Settings settings = Elasticsearch.newSettings();
  private final ElasticsearchIndex service = Elasticsearch.open(settings);
  private final ElasticsearchIndex command = Elasticsearch.open(settings);
  private final ManualClock clock = new ManualClock(NOON);
  private final InMemoryMessageLog log = new InMemoryMessageLog(clock);
  private final TenantInstance instance = Samples.newInstance();
  private final Caller caller = new Caller.Partner("p", instance, EnumSet.allOf(Scope.class));
  private final ChatId chat = chatIn(instance);
  private final AtomicInteger sent = new AtomicInteger();

  @AfterEach
  void end() {
    service.close();
    command.close();
    Elasticsearch.delete(settings);
  }

  private void send() {
    clock.move(Duration.ofMillis(1));
    Samples.stored(log, sent.get() % 2 == 0 ? chat : chatIn(instance), "wound n" + sent.get());
    sent.incrementAndGet();
  }

  private void follow() {
    while (new IndexFollower(log, service, 100).step() > 0) {
      // On to the end.
    }
  }

  /** The newest message that a search of the instance finds, by the number it was sent with. */
  private int newestFound() {
    return newest(
        new InstanceSearch(log, service)
            .search(
                caller,
                instance,
                new SearchRequest<>(
                    SearchQuery.parse("wound "),
                    null,
                    new PageSize(1),
                    Samples.ALL_MESSAGES,
                    false)));
  }

  private int newestFoundInChat() {
    return newest(
        new ChatSearch(log, service)
            .search(
                caller,
                chat,
                new SearchRequest<>(
                    SearchQuery.parse("wound "),
                    null,
                    new PageSize(1),
                    Samples.ALL_MESSAGES,
                    false)));
  }

  private static int newest(SearchPage<?> page) {
    List<PagedMessage> hits = page.hits().newestFirst();
    assertThat(hits).hasSize(1);
    String text = hits.getFirst().message().text().value();
    return Integer.parseInt(text.substring("wound n".length()));
  }

  /** Each as its last words were sent, whatever the index is. */
  private void assertEveryMessageIsFound() {
    for (int i = 0; i < sent.get(); i += Math.max(1, sent.get() / 20)) {
      SearchPage<MessageKey> result =
          new InstanceSearch(log, service)
              .search(
                  caller,
                  instance,
                  new SearchRequest<>(
                      SearchQuery.parse("\"n" + i + "\""),
                      null,
                      null,
                      Samples.ALL_MESSAGES,
                      false));
      assertThat(newest(result)).isEqualTo(i);
    }
  }

  private static <T> T patiently(Callable<T> call) throws Exception {
    long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
    while (true) {
      try {
        return call.call();
      } catch (Unavailable away) {
        assertThat(System.nanoTime()).as(away.getMessage()).isLessThan(deadline);
        LockSupport.parkNanos(20_000_000);
      }
    }
  }

  @Test
  void takesOverWhileMessagesAreSentAndSearchedThoughTheFirstRunWasKilled() throws Exception {
    for (int i = 0; i < 300; i++) {
      send();
    }
    follow();
    String before = Elasticsearch.index(settings);
    var over = new AtomicBoolean();
    var searches = new AtomicInteger();
    try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
      var workers = new ArrayList<Future<?>>();
      workers.add(
          executor.submit(() -> {
            while (!over.get()) {
              send();
              LockSupport.parkNanos(10_000_000);
            }
          }));
      workers.add(
          executor.submit(() -> {
            while (!over.get()) {
              patiently(() -> new IndexFollower(log, service, 50).step());
            }
            return null;
          }));
      workers.add(
          executor.submit(() -> {
            while (!over.get()) {
              // Two chats take turns, and this one's were sent every other time.
              int acknowledged = sent.get() - 1;
              assertThat(newestFound()).isGreaterThanOrEqualTo(acknowledged);
              assertThat(newestFoundInChat()).isGreaterThanOrEqualTo(acknowledged - 1);
              searches.incrementAndGet();
            }
          }));
      // Killed after two of its batches.
      IndexRebuild killed = command.beginRebuild();
      new IndexFollower(log, killed, 100).step();
      new IndexFollower(log, killed, 100).step();
      assertThat(Elasticsearch.indices(settings)).hasSize(2).contains(before);

      var progress = new ArrayList<Long>();
      IndexRebuild.Outcome outcome =
          new Reindexing(log, 100).run(command.beginRebuild(), progress::add);

      assertThat(outcome).isEqualTo(new IndexRebuild.Outcome.TookOver());
      assertThat(progress).isSorted().hasSizeGreaterThanOrEqualTo(3);
      int searchesBefore = searches.get();
      long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
      while (searches.get() < searchesBefore + 20 && workers.stream().noneMatch(Future::isDone)) {
        assertThat(System.nanoTime()).isLessThan(deadline);
        LockSupport.parkNanos(5_000_000);
      }
      over.set(true);
      for (Future<?> worker : workers) {
        worker.get();
      }
    }
    assertThat(Elasticsearch.index(settings)).isNotEqualTo(before);
    follow();
    assertEveryMessageIsFound();
  }

  @Test
  void isNoticedAtOnceByAServiceThatSearches() {
    send();
    follow();
    assertThat(newestFound()).isZero();

    new Reindexing(log, 100).run(command.beginRebuild(), done -> {});
    String rebuilt = Elasticsearch.index(settings);

    assertThat(newestFound()).isZero();
    follow();
    send();
    follow();
    assertThat(newestFound()).isEqualTo(1);
    assertThat(Elasticsearch.index(settings)).isEqualTo(rebuilt);
  }

  @Test
  void createsTheIndexWhereThereIsNone() {
    send();

    new Reindexing(log, 100).run(command.beginRebuild(), done -> {});

    assertThat(service.indexedUpTo()).isGreaterThan(LogPosition.START);
    assertThat(Elasticsearch.indices(settings)).hasSize(1);
    assertThat(newestFound()).isZero();
  }

  @Test
  void bearsAServiceThatCreatesTheIndexInTheMeantime() {
    send();
    IndexRebuild rebuild = command.beginRebuild();
    follow();

    assertThat(new Reindexing(log, 100).run(rebuild, done -> {}))
        .isEqualTo(new IndexRebuild.Outcome.TookOver());

    assertThat(Elasticsearch.indices(settings)).hasSize(1);
    assertThat(newestFound()).isZero();
  }

  @Test
  void givesWayToTheOneThatWasBegunLater() {
    send();
    follow();
    IndexRebuild first = command.beginRebuild();
    new IndexFollower(log, first, 1).step();
    IndexRebuild second = command.beginRebuild();

    assertThatExceptionOfType(Unavailable.class).isThrownBy(first::indexedUpTo);
    assertThat(first.isSuperseded()).isTrue();
    assertThat(second.isSuperseded()).isFalse();
    assertThat(new Reindexing(log, 100).run(first, done -> {}))
        .isEqualTo(new IndexRebuild.Outcome.Superseded());
    assertThat(first.takeOver()).isEqualTo(new IndexRebuild.Outcome.Superseded());
    assertThat(new Reindexing(log, 100).run(second, done -> {}))
        .isEqualTo(new IndexRebuild.Outcome.TookOver());
    assertThat(first.takeOver()).isEqualTo(new IndexRebuild.Outcome.Superseded());
    assertThat(second.takeOver()).isEqualTo(new IndexRebuild.Outcome.TookOver());

    assertThat(Elasticsearch.indices(settings)).hasSize(1);
    assertThat(newestFound()).isZero();
  }

  @Test
  void leavesOneCompleteIndexHoweverManyRunAtOnce() throws Exception {
    for (int i = 0; i < 50; i++) {
      send();
    }
    follow();
    for (int round = 0; round < 3; round++) {
      try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
        Callable<Boolean> run =
            () ->
                new Reindexing(log, 10).run(command.beginRebuild(), done -> {})
                    instanceof IndexRebuild.Outcome.TookOver;
        List<Future<Boolean>> runs = executor.invokeAll(List.of(run, run, run));
        boolean tookOver = false;
        for (Future<Boolean> future : runs) {
          tookOver |= future.get();
          assertThat(newestFound()).isEqualTo(49);
        }
        assertThat(tookOver).isTrue();
      }
      assertEveryMessageIsFound();
    }
    // What the last ones left, if anything, goes with the next.
    new Reindexing(log, 100).run(command.beginRebuild(), done -> {});
    assertThat(Elasticsearch.indices(settings)).hasSize(1);
    assertEveryMessageIsFound();
  }
}
