package io.carechat.domain.inbox;

import static io.carechat.domain.chat.Samples.answer;
import static io.carechat.domain.chat.Samples.chatIn;
import static io.carechat.domain.chat.Samples.message;
import static io.carechat.domain.chat.Samples.newChat;
import static io.carechat.domain.chat.Samples.stored;
import static io.carechat.domain.chat.Samples.strangersTo;
import static org.assertj.core.api.Assertions.assertThat;

import io.carechat.domain.chat.ChatId;
import io.carechat.domain.chat.ClientType;
import io.carechat.domain.chat.Message;
import io.carechat.domain.chat.PatientId;
import io.carechat.domain.chat.Samples;
import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.messages.MessageLogContract;
import io.carechat.domain.paging.PrintableTimes;
import io.carechat.domain.paging.Slice;
import io.carechat.domain.paging.Window;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What every {@link ChatDirectory} does. */
public interface ChatDirectoryContract extends MessageLogContract {
  /** The chats of the log. */
  ChatDirectory chats();

  /** The markers of the chats of the log. */
  ReadMarkers markers();

  private static List<ChatId> ids(Slice<ChatSummary> slice) {
    return slice.newestFirst().stream().map(ChatSummary::chat).toList();
  }

  /** Starts that many chats with a message each, oldest first; several have the same time. */
  private List<ChatKey> open(TenantInstance instance, int count) {
    var keys = new ArrayList<ChatKey>();
    for (int i = 0; i < count; i++) {
      if (i % 3 == 0) {
        clock().move(Duration.ofMillis(2));
      }
      Message message = stored(log(), chatIn(instance), "hello");
      keys.add(new ChatKey(message.createdAt(), message.chat().patient()));
    }
    keys.sort(Comparator.naturalOrder());
    return keys;
  }

  private static List<ChatId> chatsOf(TenantInstance instance, List<ChatKey> keys) {
    return keys.stream().map(key -> new ChatId(instance, key.patient())).toList();
  }

  @Test
  default void anInstanceWithoutChatsHasAnEmptyList() {
    TenantInstance instance = Samples.newInstance();
    var border = new ChatKey(Instant.EPOCH, newChat().patient());
    for (Window<ChatKey> window :
        List.<Window<ChatKey>>of(
            new Window.Newest<>(), new Window.Before<>(border), new Window.After<>(border))) {
      assertThat(chats().list(instance, ChatFilter.ALL, window, 10))
          .isEqualTo(new Slice<>(List.of(), false));
    }
    assertThat(chats().find(newChat())).isEmpty();
  }

  @Test
  default void showsTheStateOfAChat() {
    ChatId chat = chatIn(Samples.newInstance());
    Message first = stored(log(), chat, "first");
    stored(log(), answer(chat, "second"));
    Message third = stored(log(), answer(chat, "third"));
    Message last = stored(log(), chat, "last");

    assertThat(chats().find(chat))
        .contains(new ChatDetails(new ChatSummary(last, new Unread(2, 2), List.of()), 4));

    ReadMarker careTeam =
        markers().advance(chat, ClientType.CARE_TEAM, first.externalId()).orElseThrow();
    ReadMarker patient =
        markers().advance(chat, ClientType.PATIENT, third.externalId()).orElseThrow();
    var summary = new ChatSummary(last, new Unread(0, 1), List.of(patient, careTeam));
    assertThat(chats().find(chat)).contains(new ChatDetails(summary, 4));
    assertThat(chats().list(chat.instance(), ChatFilter.ALL, new Window.Newest<>(), 10))
        .isEqualTo(new Slice<>(List.of(summary), false));

    careTeam = markers().advance(chat, ClientType.CARE_TEAM, last.externalId()).orElseThrow();
    assertThat(chats().find(chat).orElseThrow().summary())
        .isEqualTo(new ChatSummary(last, new Unread(0, 0), List.of(patient, careTeam)));

    Message answer = stored(log(), answer(chat, "one more"));
    assertThat(chats().find(chat).orElseThrow().summary())
        .isEqualTo(new ChatSummary(answer, new Unread(1, 0), List.of(patient, careTeam)));
  }

  @Test
  default void countsUpToItsLimits() throws Exception {
    ChatId chat = chatIn(Samples.newInstance());
    Message first = stored(log(), chat, "the patient's");
    MessageLogContract.atOnce(
        20,
        () -> {
          for (int i = 0; i < 5; i++) {
            stored(log(), answer(chat, "the care team's"));
          }
          return true;
        });
    Message last = stored(log(), answer(chat, "the last"));

    assertThat(chats().find(chat).orElseThrow().summary().unread()).isEqualTo(new Unread(100, 1));
    assertThat(chats().find(chat).orElseThrow().messageCount()).isEqualTo(102);

    // 99 are left: below the limit, numbers are exact.
    List<Message> all = all(chat);
    markers().advance(chat, ClientType.PATIENT, all.get(2).externalId());
    assertThat(chats().find(chat).orElseThrow().summary().unread()).isEqualTo(new Unread(99, 1));
    markers().advance(chat, ClientType.PATIENT, last.externalId());
    markers().advance(chat, ClientType.CARE_TEAM, first.externalId());
    assertThat(chats().find(chat).orElseThrow().summary().unread()).isEqualTo(new Unread(0, 0));

    MessageLogContract.atOnce(
        40,
        () -> {
          for (int i = 0; i < 25; i++) {
            stored(log(), chat, "on and on");
          }
          return true;
        });
    assertThat(chats().find(chat).orElseThrow().messageCount()).isEqualTo(1_000);
    assertThat(chats().find(chat).orElseThrow().summary().unread()).isEqualTo(new Unread(0, 100));
  }

  @Test
  default void listsPagesOfEverySizeInBothDirections() {
    TenantInstance instance = Samples.newInstance();
    List<ChatKey> oldestFirst = open(instance, 11);

    for (int size = 1; size <= 12; size++) {
      var older = new ArrayList<ChatId>();
      Slice<ChatSummary> slice =
          chats().list(instance, ChatFilter.ALL, new Window.Newest<>(), size);
      older.addAll(ids(slice));
      while (slice.olderExist()) {
        assertThat(slice.newestFirst()).hasSize(size);
        ChatKey border = slice.newestFirst().getLast().key();
        slice = chats().list(instance, ChatFilter.ALL, new Window.Before<>(border), size);
        older.addAll(ids(slice));
      }
      assertThat(older).isEqualTo(chatsOf(instance, oldestFirst.reversed()));

      var newer = new ArrayList<ChatId>();
      ChatKey border = ChatKey.startOf(PrintableTimes.EARLIEST);
      while (true) {
        slice = chats().list(instance, ChatFilter.ALL, new Window.After<>(border), size);
        assertThat(slice.olderExist()).isEqualTo(!newer.isEmpty());
        if (slice.newestFirst().isEmpty()) {
          break;
        }
        newer.addAll(ids(slice).reversed());
        border = slice.newestFirst().getFirst().key();
      }
      assertThat(newer).isEqualTo(chatsOf(instance, oldestFirst));
    }
  }

  @Test
  default void bordersAreExclusiveToThePatient() {
    TenantInstance instance = Samples.newInstance();
    Message message = stored(log(), new ChatId(instance, middle()), "hello");
    Instant time = message.createdAt();
    var own = new ChatKey(time, middle());
    var smaller = new ChatKey(time, new PatientId(new UUID(0, 7)));
    var greater = new ChatKey(time, new PatientId(new UUID(-1, 7)));

    assertThat(ids(chats().list(instance, ChatFilter.ALL, new Window.Before<>(own), 5))).isEmpty();
    assertThat(ids(chats().list(instance, ChatFilter.ALL, new Window.Before<>(smaller), 5)))
        .isEmpty();
    assertThat(ids(chats().list(instance, ChatFilter.ALL, new Window.Before<>(greater), 5)))
        .containsExactly(message.chat());
    assertThat(chats().list(instance, ChatFilter.ALL, new Window.After<>(own), 5))
        .isEqualTo(new Slice<>(List.of(), true));
    assertThat(chats().list(instance, ChatFilter.ALL, new Window.After<>(greater), 5))
        .isEqualTo(new Slice<>(List.of(), true));
    assertThat(ids(chats().list(instance, ChatFilter.ALL, new Window.After<>(smaller), 5)))
        .containsExactly(message.chat());
  }

  private static PatientId middle() {
    return new PatientId(UUID.fromString("80000000-0000-4000-8000-000000000000"));
  }

  @Test
  default void aMessageBringsItsChatToTheFront() {
    TenantInstance instance = Samples.newInstance();
    List<ChatId> oldestFirst = chatsOf(instance, open(instance, 4));
    ChatId second = oldestFirst.get(1);
    ChatKey front =
        chats()
            .list(instance, ChatFilter.ALL, new Window.Newest<>(), 1)
            .newestFirst()
            .getFirst()
            .key();
    clock().move(Duration.ofSeconds(1));
    Message message = stored(log(), answer(second, "news"));

    assertThat(ids(chats().list(instance, ChatFilter.ALL, new Window.Newest<>(), 10)))
        .containsExactly(second, oldestFirst.get(3), oldestFirst.get(2), oldestFirst.get(0));
    Slice<ChatSummary> since =
        chats().list(instance, ChatFilter.ALL, new Window.After<>(front), 10);
    assertThat(since.olderExist()).isTrue();
    assertThat(since.newestFirst())
        .containsExactly(new ChatSummary(message, new Unread(1, 1), List.of()));
  }

  @Test
  default void listsNothingOfOtherInstances() {
    ChatId chat = chatIn(Samples.newInstance());
    Message message = stored(log(), chat, "hello");
    markers().advance(chat, ClientType.PATIENT, message.externalId());

    for (ChatId stranger : strangersTo(chat)) {
      assertThat(chats().find(stranger)).isEmpty();
    }
    for (TenantInstance other :
        List.of(
            Samples.newInstance(),
            new TenantInstance("other-den", chat.instance().instanceName()))) {
      assertThat(chats().list(other, ChatFilter.ALL, new Window.Newest<>(), 10))
          .isEqualTo(new Slice<>(List.of(), false));
      // The same patient has another chat there, which shares nothing.
      var elsewhere = new ChatId(other, chat.patient());
      Message own = stored(log(), elsewhere, "elsewhere");
      var summary = new ChatSummary(own, new Unread(0, 1), List.of());
      assertThat(chats().list(other, ChatFilter.ALL, new Window.Newest<>(), 10))
          .isEqualTo(new Slice<>(List.of(summary), false));
      assertThat(chats().find(elsewhere)).contains(new ChatDetails(summary, 1));
      assertListed(elsewhere, new ChatFilter(ClientType.CARE_TEAM), true);
      // To read it there is not to read it here.
      markers().advance(elsewhere, ClientType.CARE_TEAM, own.externalId());
      assertListed(elsewhere, new ChatFilter(ClientType.CARE_TEAM), false);
      assertListed(chat, new ChatFilter(ClientType.CARE_TEAM), true);
    }
    assertThat(ids(chats().list(chat.instance(), ChatFilter.ALL, new Window.Newest<>(), 10)))
        .containsExactly(chat);
  }

  /**
   * A chat without new messages during a walk is on exactly one of its pages, in order. One with
   * new messages is on one at most, and at the front when the walk is over.
   */
  @Test
  default void aWalkSeesEachQuietChatOnceWhileOthersSend() throws Exception {
    TenantInstance instance = Samples.newInstance();
    List<ChatKey> opened = open(instance, 60);
    List<ChatId> all = chatsOf(instance, opened);
    List<ChatId> busy =
        all.stream().filter(chat -> Math.floorMod(chat.hashCode(), 3) == 0).toList();
    List<ChatId> quietNewestFirst =
        all.reversed().stream().filter(chat -> !busy.contains(chat)).toList();
    clock().move(Duration.ofSeconds(1));
    var over = new AtomicBoolean();
    try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
      var writers = new ArrayList<Future<?>>();
      try {
        for (int writer = 0; writer < 4; writer++) {
          var random = new Random(writer);
          writers.add(
              executor.submit(() -> {
                for (int i = 0; i < 150 && !over.get(); i++) {
                  ChatId chat = busy.get(random.nextInt(busy.size()));
                  stored(log(), answer(chat, "news"));
                }
              }));
        }
        for (int size = 1; size <= 7; size++) {
          var seen = new ArrayList<ChatId>();
          Slice<ChatSummary> slice =
              chats().list(instance, ChatFilter.ALL, new Window.Newest<>(), size);
          seen.addAll(ids(slice));
          while (slice.olderExist()) {
            ChatKey border = slice.newestFirst().getLast().key();
            slice = chats().list(instance, ChatFilter.ALL, new Window.Before<>(border), size);
            seen.addAll(ids(slice));
          }
          assertThat(seen).doesNotHaveDuplicates();
          assertThat(seen.stream().filter(chat -> !busy.contains(chat)))
              .containsExactlyElementsOf(quietNewestFirst);
        }
      } finally {
        over.set(true);
      }
      for (Future<?> writer : writers) {
        writer.get();
      }
    }
    Set<ChatId> front =
        new HashSet<>(
            ids(chats().list(instance, ChatFilter.ALL, new Window.Newest<>(), busy.size())));
    assertThat(ids(chats().list(instance, ChatFilter.ALL, new Window.Newest<>(), 100)))
        .containsExactlyInAnyOrderElementsOf(all);
    for (ChatSummary chat :
        chats().list(instance, ChatFilter.ALL, new Window.Newest<>(), 100).newestFirst()) {
      assertThat(all(chat.chat()).getLast()).isEqualTo(chat.lastMessage());
    }
    assertThat(busy).filteredOn(chat -> all(chat).size() > 1).isNotEmpty().isSubsetOf(front);
  }

  /** The whole list of one side's unread chats, read in both directions in pages of a size. */
  private List<ChatSummary> walk(TenantInstance instance, ChatFilter filter, int size) {
    var older = new ArrayList<ChatSummary>();
    Slice<ChatSummary> slice = chats().list(instance, filter, new Window.Newest<>(), size);
    older.addAll(slice.newestFirst());
    while (slice.olderExist()) {
      assertThat(slice.newestFirst()).hasSize(size);
      ChatKey border = slice.newestFirst().getLast().key();
      slice = chats().list(instance, filter, new Window.Before<>(border), size);
      older.addAll(slice.newestFirst());
    }
    var newer = new ArrayList<ChatSummary>();
    ChatKey border = ChatKey.startOf(PrintableTimes.EARLIEST);
    do {
      slice = chats().list(instance, filter, new Window.After<>(border), size);
      assertThat(slice.olderExist()).isEqualTo(!newer.isEmpty());
      newer.addAll(slice.newestFirst().reversed());
      border = newer.isEmpty() ? border : newer.getLast().key();
    } while (!slice.newestFirst().isEmpty());
    assertThat(newer).isEqualTo(older.reversed());
    return older;
  }

  /** What is listed as unread by a side are the chats of which messages are counted. */
  private void assertFilterIsCount(TenantInstance instance, int... sizes) {
    List<ChatSummary> all =
        chats().list(instance, ChatFilter.ALL, new Window.Newest<>(), 1_000).newestFirst();
    for (ClientType side : ClientType.values()) {
      List<ChatSummary> unread = all.stream().filter(chat -> chat.unread().by(side) > 0).toList();
      for (int size : sizes) {
        assertThat(walk(instance, new ChatFilter(side), size))
            .as("unread by %s in pages of %s", side, size)
            .isEqualTo(unread);
      }
    }
  }

  @Test
  default void listsOnlyWhatASideHasNotRead() {
    ChatId chat = chatIn(Samples.newInstance());
    var byPatient = new ChatFilter(ClientType.PATIENT);
    var byCareTeam = new ChatFilter(ClientType.CARE_TEAM);
    Message first = stored(log(), chat, "first");
    assertListed(chat, byCareTeam, true);
    assertListed(chat, byPatient, false);

    Message second = stored(log(), chat, "second");
    markers().advance(chat, ClientType.CARE_TEAM, first.externalId());
    assertListed(chat, byCareTeam, true);

    Message answer = stored(log(), answer(chat, "an answer reads nothing"));
    assertListed(chat, byCareTeam, true);
    assertListed(chat, byPatient, true);

    markers().advance(chat, ClientType.CARE_TEAM, second.externalId());
    assertListed(chat, byCareTeam, false);
    assertListed(chat, byPatient, true);

    stored(log(), answer(chat, "an own message is not unread"));
    assertListed(chat, byCareTeam, false);
    markers().advance(chat, ClientType.PATIENT, answer.externalId());
    assertListed(chat, byPatient, true);

    Message own = stored(log(), chat, "marked up to an own message");
    markers().advance(chat, ClientType.PATIENT, own.externalId());
    assertListed(chat, byPatient, false);
    assertListed(chat, byCareTeam, true);
    markers().advance(chat, ClientType.CARE_TEAM, own.externalId());
    assertListed(chat, byCareTeam, false);

    // A mark that comes late changes nothing.
    stored(log(), chat, "unread again");
    markers().advance(chat, ClientType.CARE_TEAM, first.externalId());
    assertListed(chat, byCareTeam, true);
    assertListed(chat, byPatient, false);
  }

  private void assertListed(ChatId chat, ChatFilter filter, boolean listed) {
    Slice<ChatSummary> found = chats().list(chat.instance(), filter, new Window.Newest<>(), 10);
    assertThat(found)
        .as("%s", filter)
        .isEqualTo(
            new Slice<>(
                listed ? List.of(chats().find(chat).orElseThrow().summary()) : List.of(), false));
  }

  /** Read chats that are older do not make a page promise older ones. */
  @Test
  default void readChatsAreNotBehindAPageOfUnreadOnes() {
    TenantInstance instance = Samples.newInstance();
    var byCareTeam = new ChatFilter(ClientType.CARE_TEAM);
    Message old = stored(log(), chatIn(instance), "old");
    clock().move(Duration.ofMillis(1));
    Message middle = stored(log(), chatIn(instance), "middle");
    clock().move(Duration.ofMillis(1));
    Message recent = stored(log(), chatIn(instance), "recent");
    markers().advance(old.chat(), ClientType.CARE_TEAM, old.externalId());
    markers().advance(recent.chat(), ClientType.CARE_TEAM, recent.externalId());
    var atMiddle = new ChatKey(middle.createdAt(), middle.chat().patient());

    Slice<ChatSummary> newest = chats().list(instance, byCareTeam, new Window.Newest<>(), 1);
    assertThat(ids(newest)).containsExactly(middle.chat());
    assertThat(newest.olderExist()).isFalse();
    assertThat(chats().list(instance, byCareTeam, new Window.Before<>(atMiddle), 1))
        .isEqualTo(new Slice<>(List.of(), false));
    // The chat at the cursor is unread, so it is behind the empty page.
    assertThat(chats().list(instance, byCareTeam, new Window.After<>(atMiddle), 1))
        .isEqualTo(new Slice<>(List.of(), true));
    markers().advance(middle.chat(), ClientType.CARE_TEAM, middle.externalId());
    assertThat(chats().list(instance, byCareTeam, new Window.After<>(atMiddle), 1))
        .isEqualTo(new Slice<>(List.of(), false));
  }

  /** Whatever is sent and marked, in any order. */
  @Test
  default void whatIsListedAsUnreadIsWhatIsCounted() {
    for (int seed = 0; seed < 8; seed++) {
      var random = new Random(seed);
      TenantInstance instance = Samples.newInstance();
      List<ChatId> chats =
          Stream.generate(() -> chatIn(instance)).limit(1 + random.nextInt(9)).toList();
      for (int step = 0; step < 60; step++) {
        clock().move(Duration.ofMillis(random.nextInt(3)));
        sendOrMark(chats.get(random.nextInt(chats.size())), random);
        if (step % 10 == 9) {
          assertFilterIsCount(instance, 1, 2, 1 + random.nextInt(9), 100);
        }
      }
    }
  }

  /** Sends a message of one side or marks up to some message, often the newest one. */
  private void sendOrMark(ChatId chat, Random random) {
    ClientType side = random.nextBoolean() ? ClientType.PATIENT : ClientType.CARE_TEAM;
    List<Message> all = all(chat);
    if (all.isEmpty() || random.nextInt(5) < 2) {
      stored(log(), side == ClientType.PATIENT ? message(chat, "hello") : answer(chat, "hello"));
    } else {
      Message upTo = random.nextBoolean() ? all.getLast() : all.get(random.nextInt(all.size()));
      markers().advance(chat, side, upTo.externalId());
    }
  }

  /**
   * Also if senders and markers of both sides are at the same chats at once. What is listed
   * meanwhile is unread at that moment.
   */
  @Test
  default void whatIsListedAsUnreadIsWhatIsCountedWhileManyWrite() throws Exception {
    TenantInstance instance = Samples.newInstance();
    List<ChatId> chats = Stream.generate(() -> chatIn(instance)).limit(12).toList();
    for (int round = 0; round < 3; round++) {
      var seed = new AtomicInteger(100 * round);
      MessageLogContract.atOnce(
          16,
          () -> {
            var random = new Random(seed.getAndIncrement());
            for (int i = 0; i < 25; i++) {
              sendOrMark(chats.get(random.nextInt(chats.size())), random);
              if (i % 8 == 0) {
                ClientType side = random.nextBoolean() ? ClientType.PATIENT : ClientType.CARE_TEAM;
                List<ChatSummary> unread =
                    chats()
                        .list(instance, new ChatFilter(side), new Window.Newest<>(), 100)
                        .newestFirst();
                assertThat(unread).allMatch(chat -> chat.unread().by(side) > 0);
                assertThat(unread).extracting(ChatSummary::chat).doesNotHaveDuplicates();
              }
            }
            return true;
          });
      assertFilterIsCount(instance, 1, 5, 100);
    }
    // All that is read in the end is gone from both lists.
    for (ChatId chat : chats) {
      for (Message last : all(chat).reversed().stream().limit(1).toList()) {
        markers().advance(chat, ClientType.PATIENT, last.externalId());
        markers().advance(chat, ClientType.CARE_TEAM, last.externalId());
      }
    }
    for (ClientType side : ClientType.values()) {
      assertThat(chats().list(instance, new ChatFilter(side), new Window.Newest<>(), 1))
          .isEqualTo(new Slice<>(List.of(), false));
    }
  }
}
