package io.carechat.domain.search.index;

import static io.carechat.domain.chat.Samples.NOON;
import static io.carechat.domain.chat.Samples.chatIn;
import static io.carechat.domain.search.index.MessageIndexContract.message;
import static io.carechat.domain.search.index.MessageIndexContract.next;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.carechat.domain.chat.ChatId;
import io.carechat.domain.chat.Message;
import io.carechat.domain.chat.MessageKey;
import io.carechat.domain.chat.MessageRef;
import io.carechat.domain.chat.MessageText;
import io.carechat.domain.chat.Samples;
import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.chat.Unavailable;
import io.carechat.domain.events.LogPosition;
import io.carechat.domain.paging.Window;
import io.carechat.domain.search.index.IndexDocuments.Comparison;
import io.carechat.domain.search.index.IndexDocuments.Document;
import io.carechat.domain.search.index.IndexDocuments.Row;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What every {@link IndexDocuments} does, and what its index then finds. */
public interface IndexDocumentsContract {
  /** The index under test, which has no documents but this test's. */
  MessageIndex index();

  /** Its documents. */
  IndexDocuments documents();

  /** Deletes the document of a message behind the index's back. */
  void deleteDocument(Message message);

  /**
   * Writes the document of a message behind the index's back. It may differ from what was indexed
   * for the message of that id.
   */
  void putDocument(Message message);

  /** Writes a document that cannot belong to any message. */
  void putStray();

  /** Indexes messages of two instances and three chats; most of them have equal times. */
  default List<Message> indexed(int count) {
    TenantInstance one = Samples.newInstance();
    List<ChatId> chats = List.of(chatIn(one), chatIn(Samples.newInstance()), chatIn(one));
    List<Message> messages =
        IntStream.range(0, count)
            .mapToObj(i -> message(chats.get(i % 3), NOON.plusMillis(i / 4), "the wound " + i))
            .sorted(Comparator.comparing(MessageKey::of))
            .toList();
    LogPosition after = index().indexedUpTo();
    index().index(after, messages, next(after));
    return messages;
  }

  default Comparison compare(List<Message> messages) {
    return documents().compare(index().indexedUpTo(), messages);
  }

  default List<Document> all(int limit) {
    var all = new ArrayList<Document>();
    @Nullable MessageKey at = null;
    do {
      Row row = documents().read(at, limit);
      assertThat(row.documents()).hasSizeLessThanOrEqualTo(limit);
      all.addAll(row.documents());
      at = row.last();
    } while (at != null);
    return all;
  }

  default List<MessageRef> messagesOf(List<Document> documents) {
    return documents.stream().map(Document::message).flatMap(Optional::stream).toList();
  }

  static Message altered(Message message, String text) {
    return new Message(
        message.chat(),
        message.externalId(),
        message.sender(),
        new MessageText(text),
        message.createdAt());
  }

  @Test
  default void findsNothingWrongWithWhatWasIndexed() {
    List<Message> messages = indexed(10);

    assertThat(compare(messages)).isEqualTo(new Comparison(List.of(), List.of()));
  }

  @Test
  default void reportsMissingAndDifferentDocuments() {
    List<Message> messages = indexed(10);
    Message elsewhere = message(chatIn(Samples.newInstance()), NOON, "-");
    deleteDocument(messages.get(1));
    putDocument(altered(messages.get(2), "another text"));
    putDocument(
        new Message(
            messages.get(3).chat(),
            messages.get(3).externalId(),
            messages.get(3).sender(),
            messages.get(3).text(),
            NOON.plusSeconds(77)));
    deleteDocument(messages.get(4));
    // A document with the right id in another chat does not count.
    putDocument(
        new Message(
            elsewhere.chat(),
            messages.get(4).externalId(),
            messages.get(4).sender(),
            messages.get(4).text(),
            messages.get(4).createdAt()));

    assertThat(compare(messages))
        .isEqualTo(
            new Comparison(
                List.of(messages.get(1), messages.get(4)),
                List.of(messages.get(2), messages.get(3))));
  }

  @Test
  default void isUnavailableIfTheIndexHasNotReachedThePosition() {
    List<Message> messages = indexed(1);
    LogPosition ahead = next(index().indexedUpTo());

    assertThatExceptionOfType(Unavailable.class)
        .isThrownBy(() -> documents().compare(ahead, messages));
  }

  @Test
  default void readsEveryDocumentOnceInRowsOfEverySize() {
    List<Message> messages = indexed(11);

    for (int limit = 1; limit <= 12; limit++) {
      assertThat(messagesOf(all(limit))).isEqualTo(messages.stream().map(MessageRef::of).toList());
    }
    assertThat(messagesOf(documents().read(MessageKey.of(messages.get(4)), 3).documents()))
        .isEqualTo(messages.subList(5, 8).stream().map(MessageRef::of).toList());
  }

  @Test
  default void readsDocumentsThatBelongToNoMessageToo() {
    indexed(5);
    putStray();

    for (int limit = 2; limit <= 7; limit++) {
      List<Document> all = all(limit);
      assertThat(all).hasSize(6);
      assertThat(messagesOf(all)).hasSize(5);
    }
  }

  @Test
  default void repairsTheGivenDocuments() {
    List<Message> messages = indexed(6);
    Message extra = message(chatIn(Samples.newInstance()), NOON, "the wound that was never sent");
    deleteDocument(messages.get(0));
    putDocument(altered(messages.get(1), "another text"));
    putDocument(extra);
    putStray();
    List<Document> superfluous =
        all(100).stream()
            .filter(document ->
                !document
                    .message()
                    .map(messages.stream().map(MessageRef::of).toList()::contains)
                    .orElse(false))
            .toList();
    assertThat(superfluous).hasSize(2);

    documents().repair(messages.subList(0, 2), superfluous);

    assertThat(compare(messages)).isEqualTo(new Comparison(List.of(), List.of()));
    assertThat(messagesOf(all(100))).isEqualTo(messages.stream().map(MessageRef::of).toList());
    assertThat(all(100)).hasSize(6);
    ChatId chat = messages.getFirst().chat();
    assertThat(
            index()
                .propose(
                    chat,
                    MessageIndexContract.WOUND,
                    Samples.ALL_MESSAGES,
                    new Window.Newest<>(),
                    100)
                .nearestFirst())
        .hasSize(2);
    // Doing it again changes nothing.
    documents().repair(messages.subList(0, 2), superfluous);
    assertThat(all(100)).hasSize(6);
  }
}
