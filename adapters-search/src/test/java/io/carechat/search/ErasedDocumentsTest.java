package io.carechat.search;

import static io.carechat.domain.chat.Samples.newChat;
import static org.assertj.core.api.Assertions.assertThat;

import io.carechat.domain.chat.ChatId;
import io.carechat.domain.chat.ExternalId;
import io.carechat.domain.chat.Message;
import io.carechat.domain.chat.MessageText;
import io.carechat.domain.chat.Samples;
import io.carechat.domain.chat.Sender;
import io.carechat.domain.events.LogPosition;
import io.carechat.domain.paging.Window;
import io.carechat.domain.records.ErasedDocuments;
import io.carechat.domain.search.index.IndexRebuild;
import io.carechat.domain.search.query.SearchQuery;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Erasing from real indices, and from their files. */
final class ErasedDocumentsTest {
  /** Nobody else has this word. */
  private final String planted = "qzx" + Samples.newUuid().toString().replace("-", "");

  private final ElasticsearchIndex.Settings settings = Elasticsearch.newSettings();
  private final ElasticsearchIndex index = Elasticsearch.open(settings);
  private final ErasedDocuments erased = index.erased();
  private final ChatId chat = newChat();
  private final Instant through = Samples.NOON.plusSeconds(100);
  private long positions;

  @AfterEach
  void end() {
    index.close();
    Elasticsearch.delete(settings);
  }

  private static Message message(ChatId chat, Instant at, String text) {
    return new Message(
        chat,
        new ExternalId(Samples.newUuid()),
        new Sender.Patient(chat.patient()),
        new MessageText(text),
        at);
  }

  private void add(List<Message> messages) {
    LogPosition after = index.indexedUpTo();
    positions++;
    index.index(after, messages, new LogPosition(positions, 0));
  }

  private int found(ChatId of, String word) {
    return index
        .propose(of, SearchQuery.parse(word), Samples.ALL_MESSAGES, new Window.Newest<>(), 100)
        .nearestFirst()
        .size();
  }

  @Test
  void removesTheChatUpToTheTimeAndNothingElse() {
    ChatId other = newChat();
    add(
        List.of(
            message(chat, Samples.NOON, planted),
            message(chat, through, planted),
            message(chat, through.plusMillis(1), planted),
            message(other, Samples.NOON, planted)));

    assertThat(erased.remove(chat, through)).isEqualTo(2);
    assertThat(erased.remove(chat, through)).isZero();
    assertThat(found(chat, planted)).isEqualTo(1);
    assertThat(found(other, planted)).isEqualTo(1);

    index.remove(chat, through.plusMillis(1));
    assertThat(found(chat, planted)).isZero();
    assertThat(found(other, planted)).isEqualTo(1);
  }

  @Test
  void purgesAllIndicesHoweverFewDocumentsWereRemoved() {
    var messages = new ArrayList<Message>();
    for (int i = 0; i < 200; i++) {
      messages.add(message(newChat(), Samples.NOON, "kept words " + i));
    }
    messages.add(message(chat, Samples.NOON, "the word is " + planted));
    add(messages);
    IndexRebuild rebuild = index.beginRebuild();
    rebuild.index(rebuild.indexedUpTo(), messages, new LogPosition(1, 0));

    assertThat(erased.remove(chat, through)).isEqualTo(2);
    // They are only marked. Merging is what removes them from the files.
    assertThat(markedDocuments()).isPositive();
    long deadline = System.nanoTime() + Duration.ofMinutes(2).toNanos();
    while (!erased.purge()) {
      assertThat(System.nanoTime()).isLessThan(deadline);
      LockSupport.parkNanos(500_000_000);
    }

    assertThat(markedDocuments()).isZero();
    assertThat(found(messages.getFirst().chat(), "kept")).isEqualTo(1);
  }

  @Test
  void thereMayBeNoIndex() {
    assertThat(erased.remove(chat, through)).isZero();
    assertThat(erased.purge()).isTrue();
  }

  /** How many documents are removed, but still in files. */
  private long markedDocuments() {
    String stats = Elasticsearch.send(settings.url(), "GET", "/_stats/docs", "").body();
    Matcher marked = Pattern.compile("\"deleted\":(\\d+)").matcher(stats);
    assertThat(marked.find()).as(stats).isTrue();
    return Long.parseLong(marked.group(1));
  }
}
