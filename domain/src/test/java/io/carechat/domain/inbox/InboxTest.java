package io.carechat.domain.inbox;

import static io.carechat.domain.access.AccessAssertions.assertDenied;
import static io.carechat.domain.chat.Samples.NOON;
import static io.carechat.domain.chat.Samples.THIS_INSTANCE;
import static io.carechat.domain.chat.Samples.answer;
import static io.carechat.domain.chat.Samples.newChat;
import static io.carechat.domain.chat.Samples.stored;
import static io.carechat.domain.chat.Samples.strangersTo;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.carechat.domain.access.Caller;
import io.carechat.domain.access.Scope;
import io.carechat.domain.chat.ChatId;
import io.carechat.domain.chat.ClientType;
import io.carechat.domain.chat.InvalidRequest;
import io.carechat.domain.chat.ManualClock;
import io.carechat.domain.chat.Message;
import io.carechat.domain.chat.Samples;
import io.carechat.domain.chat.Sender;
import io.carechat.domain.chat.Violation;
import io.carechat.domain.messages.InMemoryMessageLog;
import io.carechat.domain.messages.NewMessage;
import io.carechat.domain.paging.Page;
import io.carechat.domain.paging.PageSize;
import io.carechat.domain.paging.PageToken;
import io.carechat.domain.paging.PrintableTimes;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class InboxTest {
  private static final Set<Scope> ALL = EnumSet.allOf(Scope.class);
  private static final Caller PARTNER = new Caller.Partner("partner", THIS_INSTANCE, ALL);
  private static final Caller NURSE =
      new Caller.CareTeamUser(
          "nurse", THIS_INSTANCE, ALL, new Sender.CareTeamMember(Samples.newUuid(), "Nurse"));

  private final ManualClock clock = new ManualClock(NOON);
  private final InMemoryMessageLog log = new InMemoryMessageLog(clock);
  private final Inbox inbox = new Inbox(log, log);

  private Page<ChatSummary, ChatKey> list(
      @Nullable PageToken<ChatKey> token, @Nullable PageSize size) {
    return listed(inbox, NURSE, ChatFilter.ALL, token, size).chats();
  }

  private static List<ChatId> chats(Page<ChatSummary, ChatKey> page) {
    return page.newestFirst().stream().map(ChatSummary::chat).toList();
  }

  private ReadMarker mark(Caller caller, Message message, @Nullable ClientType as) {
    return inbox.markRead(caller, message.chat(), message.externalId(), as).orElseThrow();
  }

  @Test
  void theSideIsThatOfTheCredential() {
    ChatId chat = newChat();
    Message message = stored(log, chat, "hello");
    var patient =
        new Caller.PatientUser("p", THIS_INSTANCE, Set.of(Scope.READ_MESSAGES), chat.patient());

    assertThat(mark(patient, message, null).side()).isEqualTo(ClientType.PATIENT);
    assertThat(mark(patient, message, ClientType.PATIENT).side()).isEqualTo(ClientType.PATIENT);
    assertThat(mark(NURSE, message, null).side()).isEqualTo(ClientType.CARE_TEAM);
    assertThat(mark(NURSE, message, ClientType.CARE_TEAM).side()).isEqualTo(ClientType.CARE_TEAM);
    assertThat(mark(PARTNER, message, null).side()).isEqualTo(ClientType.PATIENT);
    assertThat(mark(PARTNER, message, ClientType.CARE_TEAM).side()).isEqualTo(ClientType.CARE_TEAM);
  }

  @Test
  void theOtherSideIsForPartnersWithTheScopeOnly() {
    ChatId chat = newChat();
    Message message = stored(log, chat, "hello");
    var without =
        new Caller.Partner(
            "w", THIS_INSTANCE, EnumSet.complementOf(EnumSet.of(Scope.SEND_AS_CARE_TEAM)));
    var patient = new Caller.PatientUser("p", THIS_INSTANCE, ALL, chat.patient());

    for (Caller caller : List.of(without, patient)) {
      assertDenied(
          Scope.SEND_AS_CARE_TEAM,
          () -> inbox.markRead(caller, chat, message.externalId(), ClientType.CARE_TEAM));
    }
    assertDenied(
        Scope.SEND_AS_CARE_TEAM,
        () -> inbox.markRead(NURSE, chat, message.externalId(), ClientType.PATIENT));
    assertThat(log.find(chat).orElseThrow().summary().readMarkers()).isEmpty();
  }

  @Test
  void deniesEveryActOutsideTheCredentialAndChangesNothing() {
    ChatId chat = newChat();
    Message message = stored(log, chat, "hello");
    var callers = new ArrayList<Caller>();
    for (ChatId stranger : strangersTo(chat)) {
      callers.add(new Caller.PatientUser("t", stranger.instance(), ALL, stranger.patient()));
      if (!stranger.instance().equals(THIS_INSTANCE)) {
        callers.add(new Caller.Partner("p", stranger.instance(), ALL));
        callers.add(
            new Caller.CareTeamUser(
                "t", stranger.instance(), ALL, new Sender.CareTeamMember(Samples.newUuid(), null)));
      }
    }
    Set<Scope> others = EnumSet.complementOf(EnumSet.of(Scope.READ_MESSAGES));
    callers.add(new Caller.Partner("p", THIS_INSTANCE, others));
    callers.add(new Caller.PatientUser("t", THIS_INSTANCE, others, chat.patient()));

    for (Caller caller : callers) {
      assertDenied(
          Scope.READ_MESSAGES,
          () -> inbox.list(caller, THIS_INSTANCE, new InboxRequest(null, null, null)));
      assertDenied(Scope.READ_MESSAGES, () -> inbox.get(caller, chat));
      assertDenied(
          Scope.READ_MESSAGES, () -> inbox.markRead(caller, chat, message.externalId(), null));
    }
    assertThat(inbox.get(NURSE, chat))
        .contains(new ChatDetails(new ChatSummary(message, new Unread(0, 1), List.of()), 1));
  }

  @Test
  void aPatientReadsTheirOwnChatButNoList() {
    ChatId chat = newChat();
    stored(log, chat, "hello");
    var patient = new Caller.PatientUser("p", THIS_INSTANCE, ALL, chat.patient());

    assertThat(inbox.get(patient, chat)).isPresent();
    assertDenied(
        Scope.READ_MESSAGES,
        () -> inbox.list(patient, THIS_INSTANCE, new InboxRequest(null, null, null)));
  }

  @Test
  void whatDoesNotExistIsEmpty() {
    ChatId chat = newChat();

    assertThat(inbox.get(PARTNER, chat)).isEmpty();
    assertThat(inbox.markRead(PARTNER, chat, Samples.message(chat, "never").externalId(), null))
        .isEmpty();
  }

  @Test
  void anEmptyListLeadsToLaterChats() {
    Page<ChatSummary, ChatKey> empty = list(null, null);
    assertThat(empty.newestFirst()).isEmpty();
    assertThat(empty.older()).isNull();
    assertThat(list(empty.newer(), null).newer()).isEqualTo(empty.newer());

    Message message = stored(log, newChat(), "hello");

    assertThat(chats(list(empty.newer(), null))).containsExactly(message.chat());
  }

  @Test
  void anEmptyPageReturnsItsTokenAndLeadsBackToTheBorder() {
    ChatId chat = newChat();
    ChatKey at = keyOf(stored(log, chat, "hello"));
    var newer = new PageToken<>(new PageSize(7), at, false);
    var older = new PageToken<>(new PageSize(7), at, true);

    Page<ChatSummary, ChatKey> behindTheEnd = list(newer, null);
    assertThat(behindTheEnd.newestFirst()).isEmpty();
    assertThat(behindTheEnd.newer()).isEqualTo(newer);
    assertThat(chats(list(behindTheEnd.older(), null))).containsExactly(chat);

    Page<ChatSummary, ChatKey> beforeTheBeginning = list(older, null);
    assertThat(beforeTheBeginning.newestFirst()).isEmpty();
    assertThat(beforeTheBeginning.older()).isNull();
    assertThat(chats(list(beforeTheBeginning.newer(), null))).containsExactly(chat);
  }

  @Test
  void theOutermostTokensLeadBackToo() {
    ChatId chat = newChat();
    stored(log, chat, "hello");
    for (Instant border : List.of(PrintableTimes.EARLIEST, PrintableTimes.LATEST)) {
      for (boolean before : new boolean[] {true, false}) {
        Page<ChatSummary, ChatKey> page =
            list(
                new PageToken<>(new PageSize(7), new ChatKey(border, chat.patient()), before),
                null);
        if (page.newestFirst().isEmpty()) {
          page = list(page.older() == null ? page.newer() : page.older(), null);
        }
        assertThat(chats(page)).containsExactly(chat);
      }
    }
  }

  private static ChatKey keyOf(Message message) {
    return new ChatKey(message.createdAt(), message.chat().patient());
  }

  @Test
  void aGivenSizeReplacesTheTokensSizeFromThenOn() {
    for (int i = 0; i < 9; i++) {
      stored(log, newChat(), "hello");
    }
    Page<ChatSummary, ChatKey> first = list(null, new PageSize(2));
    Page<ChatSummary, ChatKey> second = list(first.older(), new PageSize(3));
    assertThat(second.newestFirst()).hasSize(3);
    assertThat(list(second.older(), null).newestFirst()).hasSize(3);
  }

  /**
   * A walk has each chat without new messages once, in order, and no chat twice, whatever is sent
   * meanwhile. The newer token of the first page leads to the chats with new messages.
   */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
  void aWalkLosesNoQuietChatAndRepeatsNone(long seed) {
    var random = new Random(seed);
    for (int round = 0; round < 10; round++) {
      var at = new ManualClock(NOON);
      var messages = new InMemoryMessageLog(at);
      var of = new Inbox(messages, messages);
      var chats = new ArrayList<ChatId>();
      for (int i = random.nextInt(30); i > 0; i--) {
        at.move(Duration.ofMillis(random.nextInt(2)));
        chats.add(stored(messages, newChat(), "hello").chat());
      }
      at.move(Duration.ofMillis(1));

      var news = new HashSet<ChatId>();
      var walked = new ArrayList<ChatSummary>();
      Page<ChatSummary, ChatKey> page = listed(of, null, new PageSize(1 + random.nextInt(5)));
      PageToken<ChatKey> later = page.newer();
      walked.addAll(page.newestFirst());
      while (page.older() != null) {
        if (random.nextBoolean()) {
          ChatId chat =
              random.nextInt(4) == 0 ? newChat() : chats.get(random.nextInt(chats.size()));
          news.add(stored(messages, answer(chat, "news")).chat());
        }
        page =
            listed(
                of,
                page.older(),
                random.nextBoolean() ? null : new PageSize(1 + random.nextInt(5)));
        walked.addAll(page.newestFirst());
      }
      assertThat(walked).extracting(ChatSummary::chat).doesNotHaveDuplicates();
      assertThat(walked).extracting(ChatSummary::key).isSortedAccordingTo((a, b) -> b.compareTo(a));
      assertThat(walked)
          .extracting(ChatSummary::chat)
          .filteredOn(chat -> !news.contains(chat))
          .containsExactlyInAnyOrderElementsOf(
              chats.stream().filter(chat -> !news.contains(chat)).toList());

      var since = new ArrayList<ChatId>();
      page = listed(of, later, null);
      while (!page.newestFirst().isEmpty()) {
        since.addAll(chats(page).reversed());
        page = listed(of, page.newer(), null);
      }
      assertThat(since).doesNotHaveDuplicates();
      assertThat(since).containsExactlyInAnyOrderElementsOf(news);
    }
  }

  /** A page of the chats that meet a condition; with a token, the token alone says which. */
  private static InboxPage listed(
      Inbox inbox,
      Caller caller,
      ChatFilter filter,
      @Nullable PageToken<ChatKey> token,
      @Nullable PageSize size) {
    return inbox.list(
        caller,
        THIS_INSTANCE,
        token == null
            ? new InboxRequest(filter.unreadBy(), null, size)
            : new InboxRequest(null, new InboxToken(token, filter), size));
  }

  private static Page<ChatSummary, ChatKey> listed(
      Inbox inbox, @Nullable PageToken<ChatKey> token, @Nullable PageSize size) {
    return listed(inbox, PARTNER, ChatFilter.ALL, token, size).chats();
  }

  /**
   * A walk along the unread chats of a side has each chat that stays unread and gets no message
   * once, in order. It has no chat twice, and none that was read already. The newer token of the
   * first page leads to the chats that were unread with a later message.
   */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
  void aWalkAlongUnreadChatsMissesNoneThatStaysUnread(long seed) {
    var random = new Random(seed);
    for (int round = 0; round < 10; round++) {
      ClientType side = random.nextBoolean() ? ClientType.PATIENT : ClientType.CARE_TEAM;
      var filter = new ChatFilter(side);
      var at = new ManualClock(NOON);
      var messages = new InMemoryMessageLog(at);
      var of = new Inbox(messages, messages);
      var chats = new ArrayList<ChatId>();
      for (int i = 1 + random.nextInt(30); i > 0; i--) {
        at.move(Duration.ofMillis(random.nextInt(2)));
        ChatId chat = newChat();
        stored(messages, random.nextInt(4) == 0 ? ofSide(side, chat) : ofOther(side, chat));
        chats.add(chat);
      }
      at.move(Duration.ofMillis(1));
      List<ChatId> unreadBefore = unread(messages, chats, side);

      var moved = new HashSet<ChatId>();
      var walked = new ArrayList<ChatSummary>();
      InboxPage page = listed(of, PARTNER, filter, null, new PageSize(1 + random.nextInt(4)));
      InboxToken later = page.newer();
      InboxToken older = page.older();
      walked.addAll(page.chats().newestFirst());
      while (older != null) {
        for (int i = random.nextInt(3); i > 0; i--) {
          ChatId chat =
              random.nextInt(6) == 0 ? newChat() : chats.get(random.nextInt(chats.size()));
          if (random.nextBoolean()) {
            messages
                .find(chat)
                .ifPresent(found ->
                    messages.advance(chat, side, found.summary().lastMessage().externalId()));
          } else {
            stored(messages, random.nextBoolean() ? ofSide(side, chat) : ofOther(side, chat));
            moved.add(chat);
          }
        }
        page =
            of.list(
                PARTNER,
                THIS_INSTANCE,
                new InboxRequest(random.nextBoolean() ? side : null, older, null));
        assertThat(page.chats().newestFirst()).allMatch(chat -> chat.unread().by(side) > 0);
        walked.addAll(page.chats().newestFirst());
        older = page.older();
      }
      List<ChatId> seen = walked.stream().map(ChatSummary::chat).toList();
      assertThat(seen).doesNotHaveDuplicates();
      assertThat(walked).extracting(ChatSummary::key).isSortedAccordingTo((a, b) -> b.compareTo(a));
      List<ChatId> stayed =
          unread(messages, unreadBefore, side).stream()
              .filter(chat -> !moved.contains(chat))
              .toList();
      assertThat(seen).containsAll(stayed);
      assertThat(unreadBefore).containsAll(seen);

      var since = new ArrayList<ChatId>();
      page = of.list(PARTNER, THIS_INSTANCE, new InboxRequest(null, later, null));
      while (!page.chats().newestFirst().isEmpty()) {
        since.addAll(chats(page.chats()).reversed());
        page = of.list(PARTNER, THIS_INSTANCE, new InboxRequest(null, page.newer(), null));
      }
      assertThat(since)
          .containsExactlyInAnyOrderElementsOf(unread(messages, List.copyOf(moved), side));
    }
  }

  private static NewMessage ofSide(ClientType side, ChatId chat) {
    return side == ClientType.PATIENT ? Samples.message(chat, "hello") : answer(chat, "hello");
  }

  private static NewMessage ofOther(ClientType side, ChatId chat) {
    return side == ClientType.PATIENT ? answer(chat, "hello") : Samples.message(chat, "hello");
  }

  /** Those of some chats that a side has not read. */
  private static List<ChatId> unread(
      InMemoryMessageLog messages, List<ChatId> chats, ClientType side) {
    return chats.stream()
        .filter(chat -> messages.find(chat).orElseThrow().summary().unread().by(side) > 0)
        .toList();
  }

  @Test
  void aTokenKeepsItsFilterAndAnotherIsRefused() {
    for (int i = 0; i < 3; i++) {
      stored(log, newChat(), "hello");
    }
    Message answer = stored(log, answer(newChat(), "hello"));
    var filter = new ChatFilter(ClientType.CARE_TEAM);
    InboxPage first = listed(inbox, NURSE, filter, null, new PageSize(2));
    InboxToken older = first.older();
    assertThat(older).isNotNull();
    assertThat(first.newer().filter()).isEqualTo(filter);

    for (ClientType unreadBy : new @Nullable ClientType[] {null, ClientType.CARE_TEAM}) {
      InboxPage second = inbox.list(NURSE, THIS_INSTANCE, new InboxRequest(unreadBy, older, null));
      assertThat(second.filter()).isEqualTo(filter);
      assertThat(second.chats().newestFirst()).hasSize(1);
      assertThat(second.older()).isNull();
    }
    var ofAll = new InboxToken(first.newer().page(), ChatFilter.ALL);
    for (var request :
        List.of(
            new InboxRequest(ClientType.PATIENT, older, null),
            new InboxRequest(ClientType.PATIENT, ofAll, null),
            new InboxRequest(ClientType.CARE_TEAM, ofAll, null))) {
      assertThatThrownBy(() -> inbox.list(NURSE, THIS_INSTANCE, request))
          .isInstanceOfSatisfying(
              InvalidRequest.class,
              invalid ->
                  assertThat(invalid.violations())
                      .containsExactly(
                          new Violation(
                              "unreadBy",
                              "must be the unreadBy of the pageToken, or be left out")));
    }
    assertThat(chats(listed(inbox, NURSE, new ChatFilter(ClientType.PATIENT), null, null).chats()))
        .containsExactly(answer.chat());
  }

  @Test
  void anEmptyListOfUnreadChatsIsPolledAsAnyOther() {
    ChatId chat = newChat();
    Message message = stored(log, answer(chat, "hello"));
    var filter = new ChatFilter(ClientType.CARE_TEAM);
    InboxPage empty = listed(inbox, NURSE, filter, null, null);
    assertThat(empty.chats().newestFirst()).isEmpty();
    assertThat(empty.older()).isNull();
    InboxToken kept = empty.newer();
    assertThat(inbox.list(NURSE, THIS_INSTANCE, new InboxRequest(null, kept, null)).newer())
        .isEqualTo(kept);

    // To be marked moves no chat: nothing is news.
    mark(NURSE, message, null);
    assertThat(inbox.list(NURSE, THIS_INSTANCE, new InboxRequest(null, kept, null)).newer())
        .isEqualTo(kept);
    stored(log, chat, "how are you?");
    assertThat(chats(inbox.list(NURSE, THIS_INSTANCE, new InboxRequest(null, kept, null)).chats()))
        .containsExactly(chat);
  }

  @Test
  void valuesValidateThemselves() {
    assertThatThrownBy(() -> new Unread(-1, 0)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new Unread(0, 101)).isInstanceOf(IllegalArgumentException.class);
    ChatSummary summary =
        new ChatSummary(stored(log, newChat(), "hello"), new Unread(0, 0), List.of());
    assertThatThrownBy(() -> new ChatDetails(summary, 0))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new ChatDetails(summary, 1_001))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
