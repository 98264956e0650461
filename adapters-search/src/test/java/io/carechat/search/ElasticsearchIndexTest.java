package io.carechat.search;

import static io.carechat.domain.chat.Samples.newChat;
import static io.carechat.domain.search.index.MessageIndexContract.NEWEST;
import static io.carechat.domain.search.index.MessageIndexContract.WOUND;
import static io.carechat.domain.search.index.MessageIndexContract.next;
import static io.carechat.domain.search.index.MessageIndexContract.wounds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.carechat.domain.chat.ChatId;
import io.carechat.domain.chat.Message;
import io.carechat.domain.chat.Samples;
import io.carechat.domain.chat.Unavailable;
import io.carechat.domain.events.LogPosition;
import io.carechat.domain.search.index.MessageIndex.Proposals;
import io.carechat.local.LocalElasticsearch;
import io.carechat.search.ElasticsearchIndex.Settings;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the contract does not say: several nodes, restarts, and what Elasticsearch gets to see. */
final class ElasticsearchIndexTest {
  private final Settings settings = Elasticsearch.newSettings();
  private final ElasticsearchIndex index = Elasticsearch.open(settings);
  private final ElasticsearchIndex otherNode = Elasticsearch.open(settings);
  private final ChatId chat = newChat();

  @AfterEach
  void end() {
    index.close();
    otherNode.close();
    Elasticsearch.delete(settings);
  }

  private Proposals propose(ElasticsearchIndex from) {
    return from.propose(chat, WOUND, Samples.ALL_MESSAGES, NEWEST, 100);
  }

  private static LogPosition add(ElasticsearchIndex to, List<Message> messages) {
    LogPosition after = to.indexedUpTo();
    to.index(after, messages, next(after));
    return next(after);
  }

  private static void await(BooleanSupplier condition) {
    long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).isLessThan(deadline);
      LockSupport.parkNanos(20_000_000);
    }
  }

  @Test
  void isCreatedOnceThoughManyNodesFindNone() throws Exception {
    for (int round = 0; round < 3; round++) {
      Elasticsearch.delete(settings);
      var nodes = new ArrayList<ElasticsearchIndex>();
      try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
        for (int i = 0; i < 4; i++) {
          nodes.add(Elasticsearch.open(settings));
        }
        List<Callable<LogPosition>> calls =
            nodes.stream().map(node -> (Callable<LogPosition>) () -> upToOnceThere(node)).toList();
        for (Future<LogPosition> future : executor.invokeAll(calls)) {
          assertThat(future.get()).isEqualTo(LogPosition.START);
        }
      } finally {
        nodes.forEach(ElasticsearchIndex::close);
      }

      assertThat(Elasticsearch.indices(settings)).hasSize(1);
    }
  }

  /** As a follower does: who finds it while another is creating it may have to ask again. */
  private static LogPosition upToOnceThere(ElasticsearchIndex node) {
    long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
    while (true) {
      try {
        return node.indexedUpTo();
      } catch (Unavailable notYet) {
        assertThat(System.nanoTime()).isLessThan(deadline);
        LockSupport.parkNanos(20_000_000);
      }
    }
  }

  @Test
  void learnsInTimeWhatAnotherNodeIndexes() {
    add(otherNode, wounds(chat, 1));
    LogPosition before = propose(index).upTo();
    LogPosition upTo = add(otherNode, wounds(chat, 2));

    Proposals soon = propose(index);
    assertThat(soon.upTo()).isIn(before, upTo);

    await(() -> propose(index).upTo().equals(upTo));
  }

  @Test
  void doesNotTakeTheIndexOfAnotherNodeForTheOneItKnew() {
    LogPosition upTo = add(index, wounds(chat, 5));
    assertThat(propose(index).nearestFirst()).hasSize(5);
    Elasticsearch.delete(settings);
    assertThat(otherNode.indexedUpTo()).isEqualTo(LogPosition.START);
    LogPosition rebuilt = new LogPosition(1, 1);
    otherNode.index(LogPosition.START, wounds(chat, 2), rebuilt);

    // It says how little the other knows.
    assertThat(propose(index).upTo()).isEqualTo(rebuilt);
    assertThatExceptionOfType(Unavailable.class)
        .isThrownBy(() -> index.index(next(upTo), wounds(chat, 1), next(next(upTo))));

    assertThat(index.indexedUpTo()).isEqualTo(rebuilt);
    assertThat(propose(index).upTo()).isEqualTo(rebuilt);
    assertThat(propose(index).nearestFirst()).hasSize(2);
  }

  @Test
  void createsNothingByWritingToAnIndexThatIsGone() {
    LogPosition upTo = add(index, wounds(chat, 1));
    Elasticsearch.delete(settings);

    assertThatExceptionOfType(Unavailable.class)
        .isThrownBy(() -> index.index(upTo, wounds(chat, 1), next(upTo)));
    assertThatExceptionOfType(Unavailable.class)
        .isThrownBy(() -> index.index(upTo, List.of(), next(upTo)));

    assertThat(Elasticsearch.indices(settings)).isEmpty();
  }

  @Test
  void doesNotMoveAWatermarkThatWasSetBack() {
    add(index, wounds(chat, 1));
    LogPosition upTo = add(index, wounds(chat, 1));
    String name = Elasticsearch.indices(settings).getFirst();
    // As a snapshot does that is restored into the same index.
    Elasticsearch.send(
        settings.url(),
        "PUT",
        "/" + name + "/_doc/watermark?routing=watermark",
        "{\"upTo\":{\"transaction\":1,\"number\":1}}");

    assertThatExceptionOfType(Unavailable.class)
        .isThrownBy(() -> index.index(upTo, wounds(chat, 1), next(upTo)));

    assertThat(index.indexedUpTo()).isEqualTo(new LogPosition(1, 1));
  }

  @Test
  void keepsNoTextInElasticsearchThatCouldBeReadBack() {
    Message message = wounds(chat, 1).getFirst();
    add(index, List.of(message));
    String name = Elasticsearch.indices(settings).getFirst();

    String document =
        Elasticsearch.send(
                settings.url(),
                "GET",
                "/" + name + "/_doc/" + message.externalId() + "?routing=" + chat,
                "")
            .body();

    assertThat(document).contains("\"found\":true").contains("\"_source\":{}");
  }

  @Test
  void isCreatedWithTheShardsAndReplicasOfTheSettings() {
    var larger =
        new Settings(
            settings.url(),
            settings.prefix(),
            null,
            settings.connecting(),
            settings.answering(),
            settings.indexing(),
            4,
            3,
            0);
    try (var sharded = Elasticsearch.open(larger)) {
      for (int i = 0; i < 10; i++) {
        ChatId one = newChat();
        LogPosition upTo = add(sharded, wounds(one, 2));
        Proposals proposals = sharded.propose(one, WOUND, Samples.ALL_MESSAGES, NEWEST, 10);
        assertThat(proposals.upTo()).isEqualTo(upTo);
        assertThat(proposals.nearestFirst()).hasSize(2);
      }
    }
    String name = Elasticsearch.indices(settings).getFirst();

    assertThat(Elasticsearch.send(settings.url(), "GET", "/" + name + "/_settings", "").body())
        .contains("\"number_of_shards\":\"3\"")
        .contains("\"number_of_replicas\":\"0\"")
        .contains("\"refresh_interval\":\"-1\"");
  }

  @Test
  void outlivesElasticsearch(@TempDir Path folder) throws IOException {
    int port;
    try (var free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }
    var node = new LocalElasticsearch.Settings(port, 256);
    List<Message> messages = wounds(chat, 3);
    try (var early =
        Elasticsearch.open(Settings.of(URI.create("http://127.0.0.1:" + port), "chats"))) {
      assertThatExceptionOfType(Unavailable.class).isThrownBy(() -> propose(early));
      LogPosition upTo;
      try (var first = LocalElasticsearch.start(folder, node, progress -> {})) {
        upTo = add(early, messages);
        assertThat(propose(early).nearestFirst()).hasSize(3);
        ProcessHandle process = ProcessHandle.of(first.pid()).orElseThrow();
        process.destroyForcibly();
        await(() -> !process.isAlive());
        assertThatExceptionOfType(Unavailable.class).isThrownBy(() -> propose(early));
      }
      try (var second = LocalElasticsearch.start(folder, node, progress -> {})) {
        assertThat(second.url().getPort()).isEqualTo(port);
        await(() -> answers(early));
        assertThat(propose(early).upTo()).isEqualTo(upTo);
        assertThat(propose(early).nearestFirst()).hasSize(3);
        assertThat(early.indexedUpTo()).isEqualTo(upTo);
      }
    }
  }

  private boolean answers(ElasticsearchIndex from) {
    try {
      propose(from);
      return true;
    } catch (Unavailable away) {
      return false;
    }
  }
}
