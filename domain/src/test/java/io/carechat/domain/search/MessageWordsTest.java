package io.carechat.domain.search;

import static io.carechat.domain.chat.Samples.NOON;
import static org.assertj.core.api.Assertions.assertThat;

import io.carechat.domain.chat.ChatId;
import io.carechat.domain.chat.ExternalId;
import io.carechat.domain.chat.Message;
import io.carechat.domain.chat.MessageKey;
import io.carechat.domain.chat.MessageText;
import io.carechat.domain.chat.Samples;
import io.carechat.domain.chat.Sender;
import io.carechat.domain.search.query.SearchQuery;
import io.carechat.domain.search.query.Words;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class MessageWordsTest {
  private static final ChatId CHAT = Samples.newChat();
  private static final List<String> VOCABULARY =
      List.of(
          "Metformin",
          "metfromin",
          "metformn",
          "5mg",
          "5 mg",
          "follow-up",
          "followup",
          "Ärzte",
          "aerzte",
          "knee",
          "knees",
          "Knie",
          "血压",
          "高血压",
          "😀",
          "COVID-19",
          "covid",
          "19",
          "pain",
          "paint",
          "don't",
          "at",
          "noon");

  private static final List<String> QUERIES =
      List.of(
          "metformin",
          "knee",
          "kne",
          "5mg",
          "\"follow up\"",
          "followup",
          "arzte",
          "血压",
          "covid19",
          "pain -knee",
          "-pain",
          "met*",
          "😀",
          "paint at noon",
          "\"at noon\"",
          "zzz",
          "…",
          "don't");

  private static Message message(int second, String text) {
    return new Message(
        CHAT,
        new ExternalId(Samples.newUuid()),
        new Sender.Patient(CHAT.patient()),
        new MessageText(text),
        NOON.plusSeconds(second));
  }

  private static List<Message> messages(Random random, int from, int count) {
    var messages = new ArrayList<Message>();
    for (int i = from; i < from + count; i++) {
      var text = new StringBuilder("x");
      for (int word = random.nextInt(6); word > 0; word--) {
        text.append(' ').append(VOCABULARY.get(random.nextInt(VOCABULARY.size())));
      }
      messages.add(message(i, text.toString()));
    }
    return messages;
  }

  private static MessageWords with(MessageWords earlier, List<Message> messages) {
    var builder = new MessageWords.Builder(earlier);
    messages.forEach(builder::add);
    return builder.build();
  }

  /** Exactly the messages in whose words each condition is possible, so every hit is there. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void proposesWhatTheWordsAllow(long seed) {
    var random = new Random(seed);
    List<Message> all = messages(random, 0, 60);
    MessageWords words = with(MessageWords.NONE, all.subList(0, 25));
    words = with(words, all.subList(20, 40));
    words = with(words, all.subList(40, 60));
    assertThat(words.messages()).isEqualTo(60);

    for (String text : QUERIES) {
      SearchQuery query = SearchQuery.parse(text);
      List<MessageKey> possible =
          all.stream()
              .filter(message ->
                  !query.isEmpty()
                      && query.required().stream()
                          .allMatch(term -> term.mayOccur(Words.indexed(message.text().value()))))
              .map(MessageKey::of)
              .toList();
      assertThat(words.mayMatch(query)).as(text).containsExactlyInAnyOrderElementsOf(possible);
      List<MessageKey> hits =
          all.stream()
              .filter(message -> query.matches(message.text()))
              .map(MessageKey::of)
              .toList();
      assertThat(possible).as(text).containsAll(hits);
    }
  }

  @Test
  void whatIsAddedDoesNotChangeWhatWasThere() {
    MessageWords before = with(MessageWords.NONE, List.of(message(1, "knee")));
    MessageWords after = with(before, List.of(message(2, "knee")));
    SearchQuery knee = SearchQuery.parse("knee");
    assertThat(before.mayMatch(knee)).hasSize(1);
    assertThat(after.mayMatch(knee)).hasSize(2);
  }

  @Test
  void memoryGrowsWithWordsAndMessages() {
    MessageWords few = with(MessageWords.NONE, List.of(message(1, "knee")));
    MessageWords moreMessages = with(few, List.of(message(2, "knee")));
    MessageWords moreWords = with(few, List.of(message(2, "ankle")));
    assertThat(few.bytes()).isPositive().isLessThan(moreMessages.bytes());
    assertThat(moreMessages.bytes()).isLessThan(moreWords.bytes());
  }
}
