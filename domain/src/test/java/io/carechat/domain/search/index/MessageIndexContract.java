package io.carechat.domain.search.index;

import static io.carechat.domain.chat.Samples.NOON;
import static io.carechat.domain.chat.Samples.newChat;
import static io.carechat.domain.chat.Samples.strangersTo;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.carechat.domain.chat.ChatId;
import io.carechat.domain.chat.ClientType;
import io.carechat.domain.chat.ExternalId;
import io.carechat.domain.chat.Message;
import io.carechat.domain.chat.MessageKey;
import io.carechat.domain.chat.MessageText;
import io.carechat.domain.chat.RandomTexts;
import io.carechat.domain.chat.Samples;
import io.carechat.domain.chat.Sender;
import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.chat.Unavailable;
import io.carechat.domain.events.LogPosition;
import io.carechat.domain.paging.PrintableTimes;
import io.carechat.domain.paging.Window;
import io.carechat.domain.search.index.MessageIndex.InstanceProposal;
import io.carechat.domain.search.index.MessageIndex.InstanceProposals;
import io.carechat.domain.search.index.MessageIndex.Proposal;
import io.carechat.domain.search.index.MessageIndex.Proposals;
import io.carechat.domain.search.query.SearchFilter;
import io.carechat.domain.search.query.SearchQuery;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What every {@link MessageIndex} does. A test class implements each of the nested interfaces. */
public interface MessageIndexContract {
  SearchQuery WOUND = SearchQuery.parse("wound");
  Window<Instant> NEWEST = new Window.Newest<>();

  /** The index under test, in which other tests may have left other chats. */
  MessageIndex index();

  /** Indexes messages as the next ones in the log, and gives the new watermark. */
  default LogPosition indexed(List<Message> messages) {
    LogPosition after = index().indexedUpTo();
    LogPosition upTo = next(after);
    index().index(after, messages, upTo);
    return upTo;
  }

  static LogPosition next(LogPosition position) {
    return new LogPosition(position.transaction() + 1, position.number() + 3);
  }

  static Message message(ChatId chat, Instant createdAt, String text) {
    return new Message(
        chat,
        new ExternalId(Samples.newUuid()),
        new Sender.Patient(chat.patient()),
        new MessageText(text),
        createdAt);
  }

  /** Messages about a wound, a second apart, oldest first. */
  static List<Message> wounds(ChatId chat, int count) {
    return IntStream.range(0, count)
        .mapToObj(i -> message(chat, NOON.plusSeconds(i), "the wound, day " + i))
        .toList();
  }

  /** Everything proposed, page by page. */
  default List<ExternalId> proposed(
      ChatId chat, SearchQuery query, SearchFilter filter, Window<Instant> window, int limit) {
    boolean forward = window instanceof Window.After<Instant>;
    var all = new ArrayList<ExternalId>();
    Window<Instant> rest = window;
    while (true) {
      Proposals page = index().propose(chat, query, filter, rest, limit);
      assertThat(page.nearestFirst()).hasSizeLessThanOrEqualTo(limit);
      page.nearestFirst().forEach(proposal -> all.add(proposal.id()));
      if (!page.more()) {
        return all;
      }
      Instant furthest = page.nearestFirst().getLast().createdAt();
      rest = forward ? new Window.After<>(furthest) : new Window.Before<>(furthest);
    }
  }

  /** What is proposed for a query in the whole chat. */
  default List<ExternalId> proposed(ChatId chat, SearchQuery query) {
    return proposed(chat, query, Samples.ALL_MESSAGES, NEWEST, 1_000);
  }

  static List<ExternalId> ids(List<Message> messages) {
    return messages.stream().map(Message::externalId).toList();
  }

  /** {@link MessageIndex#propose}. */
  interface Propose extends MessageIndexContract {
    @Test
    default void missesNoHitInAnyLanguageOrQuery() {
      var random = new Random(20_210_208);
      var texts = new RandomTexts(random);
      ChatId chat = newChat();
      List<Message> messages =
          IntStream.range(0, 300)
              .mapToObj(i -> message(chat, NOON.plusMillis(i), texts.message().value()))
              .toList();
      indexed(messages);
      int hits = 0;
      for (int i = 0; i < 400; i++) {
        SearchQuery query = texts.query();
        if (query.isEmpty()) {
          continue;
        }
        List<ExternalId> expected =
            ids(messages.stream().filter(message -> query.matches(message.text())).toList());
        hits += expected.size();

        List<ExternalId> proposed = proposed(chat, query);

        assertThat(proposed).as(query.text()).containsAll(expected);
        assertThat(ids(messages)).containsAll(proposed);
      }
      assertThat(hits).isGreaterThan(2_500);
    }

    @Test
    default void proposesEveryWordThatAPrefixOrATypingErrorFitsHoweverManyThereAre() {
      ChatId chat = newChat();
      SearchQuery word = SearchQuery.parse("antibiotic -x");
      var messages = new ArrayList<Message>();
      for (int letters = 0; letters < 4 * 25 * 25; letters++) {
        var mistyped = new StringBuilder("antibiotic");
        int first = letters / 625 * 2 + 1;
        mistyped.setCharAt(first, (char) ('a' + letters / 25 % 25));
        mistyped.setCharAt(first + 1, (char) ('a' + letters % 25));
        messages.add(message(chat, NOON.plusMillis(letters), mistyped.toString()));
      }
      indexed(messages);
      assertThat(messages).allMatch(message -> word.matches(message.text()));

      assertThat(proposed(chat, word)).hasSize(2_500);
      assertThat(proposed(chat, SearchQuery.parse("a*"))).hasSize(2_500);
    }

    @Test
    default void givesPagesOfEverySizeInOrderFromEveryBorderInEveryDirection() {
      ChatId chat = newChat();
      List<Message> messages = wounds(chat, 12);
      indexed(messages);
      List<ExternalId> oldestFirst = ids(messages);

      for (int limit = 1; limit <= 13; limit++) {
        assertThat(proposed(chat, WOUND, Samples.ALL_MESSAGES, NEWEST, limit))
            .isEqualTo(oldestFirst.reversed());
        for (int i = 0; i < 12; i++) {
          Instant border = messages.get(i).createdAt();
          assertThat(
                  proposed(chat, WOUND, Samples.ALL_MESSAGES, new Window.Before<>(border), limit))
              .isEqualTo(oldestFirst.subList(0, i).reversed());
          assertThat(proposed(chat, WOUND, Samples.ALL_MESSAGES, new Window.After<>(border), limit))
              .isEqualTo(oldestFirst.subList(i + 1, 12));
        }
      }
    }

    @Test
    default void givesTheTimeOfEachProposal() {
      ChatId chat = newChat();
      List<Message> messages = wounds(chat, 3);
      indexed(messages);

      assertThat(index().propose(chat, WOUND, Samples.ALL_MESSAGES, NEWEST, 10).nearestFirst())
          .isEqualTo(
              messages.reversed().stream()
                  .map(m -> new Proposal(m.externalId(), m.createdAt()))
                  .toList());
    }

    @Test
    default void acceptsBordersAtTheEndsOfTimeAndBetweenTwoMilliseconds() {
      ChatId chat = newChat();
      List<Message> messages = wounds(chat, 1);
      indexed(messages);
      Instant justBefore = NOON.minusNanos(1);
      Instant justAfter = NOON.plusNanos(1);

      for (Instant early :
          List.of(Instant.MIN, PrintableTimes.EARLIEST, Instant.EPOCH, justBefore)) {
        assertThat(proposed(chat, WOUND, Samples.ALL_MESSAGES, new Window.After<>(early), 10))
            .hasSize(1);
        assertThat(proposed(chat, WOUND, Samples.ALL_MESSAGES, new Window.Before<>(early), 10))
            .isEmpty();
        assertThat(proposed(chat, WOUND, new SearchFilter(early, null, null), NEWEST, 10))
            .hasSize(1);
      }
      for (Instant late : List.of(Instant.MAX, PrintableTimes.LATEST, justAfter)) {
        assertThat(proposed(chat, WOUND, Samples.ALL_MESSAGES, new Window.After<>(late), 10))
            .isEmpty();
        assertThat(proposed(chat, WOUND, Samples.ALL_MESSAGES, new Window.Before<>(late), 10))
            .hasSize(1);
        assertThat(proposed(chat, WOUND, new SearchFilter(null, late, null), NEWEST, 10))
            .hasSize(1);
      }
      assertThat(proposed(chat, WOUND, Samples.ALL_MESSAGES, new Window.After<>(NOON), 10))
          .isEmpty();
      assertThat(proposed(chat, WOUND, Samples.ALL_MESSAGES, new Window.Before<>(NOON), 10))
          .isEmpty();
    }

    @Test
    default void missesNothingThatPassesTheFilter() {
      ChatId chat = newChat();
      var messages = new ArrayList<>(wounds(chat, 10));
      Message nurse =
          new Message(
              chat,
              new ExternalId(Samples.newUuid()),
              new Sender.CareTeamMember(Samples.newUuid(), "Nurse"),
              new MessageText("How is the wound?"),
              NOON.plusMillis(4_500));
      messages.add(nurse);
      indexed(messages);
      List<Instant> times = List.of(NOON, NOON.plusMillis(4_500), NOON.plusSeconds(9));

      for (Instant from : times) {
        for (Instant to : times) {
          for (ClientType clientType : ClientType.values()) {
            var filter = new SearchFilter(from, to, clientType);
            assertThat(proposed(chat, WOUND, filter, NEWEST, 3))
                .containsAll(ids(messages.stream().filter(filter::accepts).toList()));
          }
        }
      }
      assertThat(
              proposed(chat, WOUND, new SearchFilter(null, null, ClientType.CARE_TEAM), NEWEST, 3))
          .contains(nurse.externalId());
    }

    @Test
    default void proposesNothingOfAnotherTenantInstanceOrPatient() {
      ChatId chat = newChat();
      List<Message> own = wounds(chat, 2);
      indexed(own);

      for (ChatId stranger : strangersTo(chat)) {
        assertThat(proposed(stranger, WOUND)).isEmpty();
        assertThat(proposed(stranger, SearchQuery.parse("-nothing"))).isEmpty();
        List<Message> theirs = wounds(stranger, 3);
        indexed(theirs);
        assertThat(proposed(stranger, WOUND)).containsExactlyInAnyOrderElementsOf(ids(theirs));
      }
      assertThat(proposed(chat, WOUND)).containsExactlyInAnyOrderElementsOf(ids(own));
      assertThat(proposed(chat, SearchQuery.parse("-nothing")))
          .containsExactlyInAnyOrderElementsOf(ids(own));
    }

    @Test
    default void knowsTheLongestTextsAndWords() {
      ChatId chat = newChat();
      Message crowd = message(chat, NOON, "🎉".repeat(MessageText.MAX_CODE_POINTS));
      Message longWord = message(chat, NOON.plusSeconds(1), "𝒜".repeat(5_000) + " end");
      Message accents = message(chat, NOON.plusSeconds(2), "e" + "\u0301".repeat(9_999));
      Message noWords = message(chat, NOON.plusSeconds(3), "?! …");
      indexed(List.of(crowd, longWord, accents, noWords));

      assertThat(proposed(chat, SearchQuery.parse("🎉"))).contains(crowd.externalId());
      assertThat(proposed(chat, SearchQuery.parse("\"" + "🎉".repeat(498) + "\"")))
          .contains(crowd.externalId());
      assertThat(proposed(chat, SearchQuery.parse("🎉".repeat(500)))).contains(crowd.externalId());
      assertThat(proposed(chat, SearchQuery.parse("\"" + "𝒜".repeat(497) + "\"")))
          .contains(longWord.externalId());
      assertThat(proposed(chat, SearchQuery.parse("𝒜".repeat(500))))
          .contains(longWord.externalId());
      assertThat(proposed(chat, SearchQuery.parse("a*"))).contains(longWord.externalId());
      assertThat(proposed(chat, SearchQuery.parse("end"))).contains(longWord.externalId());
      assertThat(proposed(chat, SearchQuery.parse("É"))).contains(accents.externalId());
      assertThat(proposed(chat, SearchQuery.parse("-other"))).contains(noWords.externalId());
      assertThat(proposed(chat, SearchQuery.parse("a* ".repeat(166))))
          .contains(longWord.externalId());
      assertThat(proposed(chat, SearchQuery.parse("-b ".repeat(166))))
          .contains(longWord.externalId());
    }

    @Test
    default void reportsUpToWhereItWasIndexed() {
      ChatId chat = newChat();
      LogPosition upTo = indexed(wounds(chat, 1));

      assertThat(index().propose(chat, WOUND, Samples.ALL_MESSAGES, NEWEST, 1).upTo())
          .isEqualTo(upTo);
    }
  }

  /** {@link MessageIndex#proposeInInstance}. */
  interface ProposeInInstance extends MessageIndexContract {
    Window<MessageKey> NEWEST_OF_ALL = new Window.Newest<>();

    /** Everything proposed, page by page. */
    default List<InstanceProposal> proposedInInstance(
        TenantInstance instance,
        SearchQuery query,
        SearchFilter filter,
        Window<MessageKey> window,
        int limit) {
      boolean forward = window instanceof Window.After<MessageKey>;
      var all = new ArrayList<InstanceProposal>();
      Window<MessageKey> rest = window;
      while (true) {
        InstanceProposals page = index().proposeInInstance(instance, query, filter, rest, limit);
        assertThat(page.nearestFirst()).hasSizeLessThanOrEqualTo(limit);
        all.addAll(page.nearestFirst());
        if (!page.more()) {
          return all;
        }
        MessageKey furthest = page.nearestFirst().getLast().key();
        rest = forward ? new Window.After<>(furthest) : new Window.Before<>(furthest);
      }
    }

    default List<InstanceProposal> proposedInInstance(TenantInstance instance, SearchQuery query) {
      return proposedInInstance(instance, query, Samples.ALL_MESSAGES, NEWEST_OF_ALL, 1_000);
    }

    static InstanceProposal proposal(Message message) {
      return new InstanceProposal(message.chat(), MessageKey.of(message));
    }

    /** Messages about a wound in many chats, in their order; most of them have equal times. */
    private static List<Message> woundsOfMany(TenantInstance instance, int count) {
      return IntStream.range(0, count)
          .mapToObj(
              i -> message(Samples.chatIn(instance), NOON.plusMillis(i / 5), "the wound " + i))
          .sorted(Comparator.comparing(MessageKey::of))
          .toList();
    }

    @Test
    default void givesPagesOfEverySizeOverEqualTimesFromEveryBorderInEveryDirection() {
      TenantInstance instance = Samples.newInstance();
      List<Message> messages = woundsOfMany(instance, 12);
      indexed(messages);
      List<InstanceProposal> oldestFirst =
          messages.stream().map(ProposeInInstance::proposal).toList();

      for (int limit = 1; limit <= 13; limit++) {
        assertThat(proposedInInstance(instance, WOUND, Samples.ALL_MESSAGES, NEWEST_OF_ALL, limit))
            .isEqualTo(oldestFirst.reversed());
        for (int i = 0; i < 12; i++) {
          MessageKey border = oldestFirst.get(i).key();
          assertThat(
                  proposedInInstance(
                      instance, WOUND, Samples.ALL_MESSAGES, new Window.Before<>(border), limit))
              .isEqualTo(oldestFirst.subList(0, i).reversed());
          assertThat(
                  proposedInInstance(
                      instance, WOUND, Samples.ALL_MESSAGES, new Window.After<>(border), limit))
              .isEqualTo(oldestFirst.subList(i + 1, 12));
        }
      }
    }

    @Test
    default void missesNoHitOfAnyChatInAnyLanguageOrQuery() {
      var random = new Random(20_210_209);
      var texts = new RandomTexts(random);
      TenantInstance instance = Samples.newInstance();
      List<ChatId> chats = List.of(Samples.chatIn(instance), Samples.chatIn(instance));
      List<Message> messages =
          IntStream.range(0, 200)
              .mapToObj(
                  i -> message(chats.get(i % 2), NOON.plusMillis(i / 2), texts.message().value()))
              .toList();
      indexed(messages);
      int hits = 0;
      for (int i = 0; i < 150; i++) {
        SearchQuery query = texts.query();
        if (query.isEmpty()) {
          continue;
        }
        List<InstanceProposal> expected =
            messages.stream()
                .filter(message -> query.matches(message.text()))
                .map(ProposeInInstance::proposal)
                .toList();
        hits += expected.size();

        assertThat(proposedInInstance(instance, query)).as(query.text()).containsAll(expected);
      }
      assertThat(hits).isGreaterThan(500);
    }

    @Test
    default void acceptsBordersAtTheEndsOfTimeAcrossChats() {
      TenantInstance instance = Samples.newInstance();
      indexed(woundsOfMany(instance, 3));
      MessageKey early = MessageKey.startOf(PrintableTimes.EARLIEST);
      MessageKey late = MessageKey.startOf(PrintableTimes.LATEST);

      assertThat(size(instance, new Window.After<>(early))).isEqualTo(3);
      assertThat(size(instance, new Window.Before<>(early))).isZero();
      assertThat(size(instance, new Window.After<>(late))).isZero();
      assertThat(size(instance, new Window.Before<>(late))).isEqualTo(3);
    }

    private int size(TenantInstance instance, Window<MessageKey> window) {
      return proposedInInstance(instance, WOUND, Samples.ALL_MESSAGES, window, 10).size();
    }

    @Test
    default void missesNothingThatPassesTheFilterAcrossChats() {
      TenantInstance instance = Samples.newInstance();
      List<Message> messages = woundsOfMany(instance, 10);
      indexed(messages);

      for (Instant from : List.of(NOON, NOON.plusMillis(1), NOON.plusMillis(2))) {
        for (ClientType clientType : ClientType.values()) {
          var filter = new SearchFilter(from, NOON.plusMillis(2), clientType);
          assertThat(proposedInInstance(instance, WOUND, filter, NEWEST_OF_ALL, 3))
              .containsAll(
                  messages.stream()
                      .filter(filter::accepts)
                      .map(ProposeInInstance::proposal)
                      .toList());
        }
      }
    }

    @Test
    default void proposesNothingOfAnotherInstance() {
      TenantInstance instance = Samples.newInstance();
      List<Message> own = woundsOfMany(instance, 4);
      indexed(own);

      for (TenantInstance stranger : Samples.strangersTo(instance)) {
        for (SearchQuery query : List.of(WOUND, SearchQuery.parse("-nothing"))) {
          assertThat(proposedInInstance(stranger, query))
              .allMatch(proposal -> proposal.chat().instance().equals(stranger));
        }
        List<Message> theirs = woundsOfMany(stranger, 3);
        indexed(theirs);
        assertThat(proposedInInstance(stranger, WOUND))
            .containsAll(theirs.stream().map(ProposeInInstance::proposal).toList());
      }
      for (SearchQuery query : List.of(WOUND, SearchQuery.parse("-nothing"))) {
        assertThat(proposedInInstance(instance, query))
            .containsExactlyInAnyOrderElementsOf(
                own.stream().map(ProposeInInstance::proposal).toList());
      }
    }

    @Test
    default void reportsUpToWhereItWasIndexedAcrossChats() {
      TenantInstance instance = Samples.newInstance();
      LogPosition upTo = indexed(woundsOfMany(instance, 1));

      assertThat(
              index()
                  .proposeInInstance(instance, WOUND, Samples.ALL_MESSAGES, NEWEST_OF_ALL, 1)
                  .upTo())
          .isEqualTo(upTo);
    }
  }

  /** {@link MessageIndex#indexedUpTo}. */
  interface IndexedUpTo extends MessageIndexContract {
    @Test
    default void isWhatWasRecordedLast() {
      LogPosition upTo = indexed(wounds(newChat(), 1));

      assertThat(index().indexedUpTo()).isEqualTo(upTo);
    }

    @Test
    default void storesEveryPossiblePosition() {
      LogPosition after = index().indexedUpTo();
      var unsigned = new LogPosition(-2, Long.MAX_VALUE);

      index().index(after, List.of(), unsigned);

      assertThat(index().indexedUpTo()).isEqualTo(unsigned);
      assertThat(index().propose(newChat(), WOUND, Samples.ALL_MESSAGES, NEWEST, 1).upTo())
          .isEqualTo(unsigned);
    }
  }

  /** {@link MessageIndex#index}. */
  interface Index extends MessageIndexContract {
    @Test
    default void changesNothingByIndexingAgain() {
      ChatId chat = newChat();
      List<Message> messages = wounds(chat, 5);
      LogPosition after = index().indexedUpTo();
      LogPosition middle = next(after);
      LogPosition upTo = next(middle);
      index().index(after, messages.subList(0, 3), middle);
      index().index(middle, messages.subList(3, 5), upTo);

      index().index(after, messages.subList(0, 3), middle);
      index().index(after, messages, upTo);

      assertThat(index().indexedUpTo()).isEqualTo(upTo);
      assertThat(proposed(chat, WOUND)).isEqualTo(ids(messages).reversed());
    }

    @Test
    default void advancesOverEventsWithoutMessages() {
      LogPosition upTo = indexed(List.of());

      assertThat(index().indexedUpTo()).isEqualTo(upTo);
    }

    @Test
    default void refusesToSkipEvents() {
      ChatId chat = newChat();
      LogPosition there = indexed(List.of());
      LogPosition ahead = next(there);

      assertThatExceptionOfType(Unavailable.class)
          .isThrownBy(() -> index().index(ahead, wounds(chat, 1), next(ahead)));

      assertThat(index().indexedUpTo()).isEqualTo(there);
    }

    @Test
    default void toleratesConcurrentFollowers() throws Exception {
      ChatId chat = newChat();
      List<Message> messages = wounds(chat, 25);
      LogPosition start = index().indexedUpTo();
      try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
        Callable<Void> follower =
            () -> {
              while (true) {
                LogPosition at = index().indexedUpTo();
                int done = (int) (at.transaction() - start.transaction());
                if (done == messages.size()) {
                  return null;
                }
                index().index(at, messages.subList(done, done + 1), next(at));
              }
            };
        for (Future<Void> future :
            executor.invokeAll(List.of(follower, follower, follower, follower))) {
          future.get();
        }
      }

      assertThat(proposed(chat, WOUND)).isEqualTo(ids(messages).reversed());
    }

    @Test
    default void neverReportsMoreThanIsFound() throws Exception {
      ChatId chat = newChat();
      List<Message> messages = wounds(chat, 25);
      LogPosition start = index().indexedUpTo();
      var missing = new ConcurrentLinkedQueue<String>();
      var written = new AtomicBoolean();
      var reads = new Semaphore(0);
      try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
        Callable<Void> reader =
            () -> {
              while (!written.get()) {
                Proposals proposals =
                    index().propose(chat, WOUND, Samples.ALL_MESSAGES, NEWEST, 1_000);
                long claimed = proposals.upTo().transaction() - start.transaction();
                if (proposals.nearestFirst().size() < claimed) {
                  missing.add(claimed + " claimed, " + proposals.nearestFirst().size() + " found");
                }
                reads.release();
              }
              return null;
            };
        List<Future<Void>> readers =
            List.of(executor.submit(reader), executor.submit(reader), executor.submit(reader));
        LogPosition at = start;
        for (Message message : messages) {
          index().index(at, List.of(message), next(at));
          at = next(at);
          assertThat(reads.tryAcquire(60, TimeUnit.SECONDS)).isTrue();
        }
        written.set(true);
        for (Future<Void> future : readers) {
          future.get();
        }
      }
      assertThat(missing).isEmpty();
    }
  }

  /** An index that loses its data without notice. */
  interface Loss extends MessageIndexContract {
    /** Deletes the data of the index under test. */
    void loseEverything();

    @Test
    default void isUnavailableRatherThanEmptyUntilItStartsAgain() {
      ChatId chat = newChat();
      List<Message> messages = wounds(chat, 3);
      indexed(messages);
      index().propose(chat, WOUND, Samples.ALL_MESSAGES, NEWEST, 10);

      loseEverything();

      for (int i = 0; i < 3; i++) {
        assertThatExceptionOfType(Unavailable.class)
            .isThrownBy(() -> index().propose(chat, WOUND, Samples.ALL_MESSAGES, NEWEST, 10));
      }
      assertThat(index().indexedUpTo()).isEqualTo(LogPosition.START);
      LogPosition upTo = indexed(messages);
      assertThat(index().propose(chat, WOUND, Samples.ALL_MESSAGES, NEWEST, 10).upTo())
          .isEqualTo(upTo);
      assertThat(proposed(chat, WOUND)).isEqualTo(ids(messages).reversed());
    }

    @Test
    default void isNotMarkedAsCompleteByAFollowerThatDoesNotKnow() {
      ChatId chat = newChat();
      indexed(wounds(chat, 3));
      LogPosition known = indexed(wounds(chat, 1));

      loseEverything();

      assertThatExceptionOfType(Unavailable.class)
          .isThrownBy(() -> index().index(known, wounds(chat, 2), next(known)));
      assertThat(index().indexedUpTo()).isEqualTo(LogPosition.START);
      assertThatExceptionOfType(Unavailable.class)
          .isThrownBy(() -> index().index(known, wounds(chat, 2), next(known)));
      assertThat(index().indexedUpTo()).isEqualTo(LogPosition.START);
      assertThat(index().propose(chat, WOUND, Samples.ALL_MESSAGES, NEWEST, 10).upTo())
          .isEqualTo(LogPosition.START);
    }
  }
}
