package io.carechat.domain.inbox;


import static io.carechat.domain.chat.Samples.NOON;
import static io.carechat.domain.chat.Samples.PLACE;
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
import io.carechat.domain.chat.ManualClock;
import io.carechat.domain.chat.Message;
import io.carechat.domain.chat.Samples;
import io.carechat.domain.chat.Sender;
import io.carechat.domain.messages.InMemoryMessageLog;
import io.carechat.domain.paging.PageSize;
import io.carechat.domain.paging.PageToken;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class InboxTest {
  private static final Set<Scope> ALL = EnumSet.allOf(Scope.class);
  private static final Caller PARTNER = new Caller.Partner("partner", PLACE, ALL);
  private static final Caller NURSE =
      new Caller.CareTeamUser(
          "nurse", PLACE, ALL, new Sender.CareTeamMember(UUID.randomUUID(), "Nurse"));

  private final ManualClock clock = new ManualClock(NOON);
  private final InMemoryMessageLog log = new InMemoryMessageLog(clock);
  private final Inbox inbox = new Inbox(log, log);

  private ChatPage list(PageToken.@Nullable Chats token, @Nullable PageSize size) {
    return switch (inbox.list(NURSE, PLACE, token, size)) {
      case ListChatsResult.Listed(ChatPage page) -> page;
      case Forbidden forbidden -> throw new AssertionError(forbidden);
    };
  }

  private static List<ChatId> chats(ChatPage page) {
    return page.newestFirst().stream().map(ChatSummary::chat).toList();
  }

  private ReadMarker mark(Caller caller, Message message, @Nullable ClientType as) {
    return switch (inbox.markRead(caller, message.chat(), message.externalId(), as)) {
      case MarkReadResult.Marked(ReadMarker marker) -> marker;
      case MarkReadResult other -> throw new AssertionError(other);
    };
  }

  @Test
  void theSideIsThatOfTheCredential() {
    ChatId chat = newChat();
    Message message = stored(log, chat, "hello");
    var patient = new Caller.PatientUser("p", PLACE, Set.of(Scope.READ_MESSAGES), chat.patient());

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
        new Caller.Partner("w", PLACE, EnumSet.complementOf(EnumSet.of(Scope.SEND_AS_CARE_TEAM)));
    var patient = new Caller.PatientUser("p", PLACE, ALL, chat.patient());

    for (Caller caller : List.of(without, patient)) {
      assertThat(inbox.markRead(caller, chat, message.externalId(), ClientType.CARE_TEAM))
          .isEqualTo(new Forbidden(Scope.SEND_AS_CARE_TEAM));
    }
    assertThat(inbox.markRead(NURSE, chat, message.externalId(), ClientType.PATIENT))
        .isEqualTo(new Forbidden(Scope.SEND_AS_CARE_TEAM));
    assertThat(log.find(chat).orElseThrow().summary().readMarkers()).isEmpty();
  }

  @Test
  void refusesEveryActOutsideTheCredentialAndChangesNothing() {
    ChatId chat = newChat();
    Message message = stored(log, chat, "hello");
    var callers = new ArrayList<Caller>();
    for (ChatId stranger : strangersTo(chat)) {
      callers.add(new Caller.PatientUser("t", stranger.instance(), ALL, stranger.patient()));
      if (!stranger.instance().equals(PLACE)) {
        callers.add(new Caller.Partner("p", stranger.instance(), ALL));
        callers.add(
            new Caller.CareTeamUser(
                "t", stranger.instance(), ALL, new Sender.CareTeamMember(UUID.randomUUID(), null)));
      }
    }
    Set<Scope> others = EnumSet.complementOf(EnumSet.of(Scope.READ_MESSAGES));
    callers.add(new Caller.Partner("p", PLACE, others));
    callers.add(new Caller.PatientUser("t", PLACE, others, chat.patient()));

    for (Caller caller : callers) {
      assertThat(inbox.list(caller, PLACE, null, null))
          .isEqualTo(new Forbidden(Scope.READ_MESSAGES));
      assertThat(inbox.get(caller, chat)).isEqualTo(new Forbidden(Scope.READ_MESSAGES));
      assertThat(inbox.markRead(caller, chat, message.externalId(), null))
          .isEqualTo(new Forbidden(Scope.READ_MESSAGES));
    }
    assertThat(inbox.get(NURSE, chat))
        .isEqualTo(
            new GetChatResult.Got(
                new ChatDetails(new ChatSummary(message, new Unread(0, 1), List.of()), 1)));
  }

  @Test
  void aPatientReadsTheirOwnChatButNoList() {
    ChatId chat = newChat();
    stored(log, chat, "hello");
    var patient = new Caller.PatientUser("p", PLACE, ALL, chat.patient());

    assertThat(inbox.get(patient, chat)).isInstanceOf(GetChatResult.Got.class);
    assertThat(inbox.list(patient, PLACE, null, null))
        .isEqualTo(new Forbidden(Scope.READ_MESSAGES));
  }

  @Test
  void whatIsNotThereIsToldSo() {
    ChatId chat = newChat();

    assertThat(inbox.get(PARTNER, chat)).isEqualTo(new GetChatResult.NoMessages());
    assertThat(inbox.markRead(PARTNER, chat, Samples.message(chat, "never").externalId(), null))
        .isEqualTo(new MarkReadResult.NoSuchMessage());
  }

  @Test
  void anEmptyListLeadsToWhatComesLater() {
    ChatPage empty = list(null, null);
    assertThat(empty.newestFirst()).isEmpty();
    assertThat(empty.older()).isNull();
    assertThat(list(empty.newer(), null).newer()).isEqualTo(empty.newer());

    Message message = stored(log, newChat(), "hello");

    assertThat(chats(list(empty.newer(), null))).containsExactly(message.chat());
  }

  @Test
  void anEmptyPageGivesItsTokenBackAndTheWayToWhatIsBehindIt() {
    ChatId chat = newChat();
    ChatKey at = instance(stored(log, chat, "hello"));
    var newer = new PageToken.Chats(new PageSize(7), at.lastCreatedAt(), at.patient(), false);
    var older = new PageToken.Chats(new PageSize(7), at.lastCreatedAt(), at.patient(), true);

    ChatPage behindTheEnd = list(newer, null);
    assertThat(behindTheEnd.newestFirst()).isEmpty();
    assertThat(behindTheEnd.newer()).isEqualTo(newer);
    assertThat(chats(list(behindTheEnd.older(), null))).containsExactly(chat);

    ChatPage beforeTheBeginning = list(older, null);
    assertThat(beforeTheBeginning.newestFirst()).isEmpty();
    assertThat(beforeTheBeginning.older()).isNull();
    assertThat(chats(list(beforeTheBeginning.newer(), null))).containsExactly(chat);
  }

  @Test
  void theOutermostTokensLeadBackToo() {
    ChatId chat = newChat();
    stored(log, chat, "hello");
    for (Instant border : List.of(PageToken.EARLIEST, PageToken.LATEST)) {
      for (boolean before : new boolean[] {true, false}) {
        ChatPage page =
            list(new PageToken.Chats(new PageSize(7), border, chat.patient(), before), null);
        if (page.newestFirst().isEmpty()) {
          page = list(page.older() == null ? page.newer() : page.older(), null);
        }
        assertThat(chats(page)).containsExactly(chat);
      }
    }
  }

  private static ChatKey instance(Message message) {
    return new ChatKey(message.createdAt(), message.chat().patient());
  }

  @Test
  void aSizeThatIsGivenIsUsedInsteadOfTheTokensAndGoesOn() {
    for (int i = 0; i < 9; i++) {
      stored(log, newChat(), "hello");
    }
    ChatPage first = list(null, new PageSize(2));
    ChatPage second = list(first.older(), new PageSize(3));
    assertThat(second.newestFirst()).hasSize(3);
    assertThat(list(second.older(), null).newestFirst()).hasSize(3);
  }

  /**
   * Whoever sends meanwhile: a walk has each chat without news once, in order, and no chat twice;
   * the chats with news are where the first page's token for newer ones leads.
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
      ChatPage page = listed(of, null, new PageSize(1 + random.nextInt(5)));
      PageToken.Chats later = page.newer();
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
      assertThat(walked)
          .extracting(ChatSummary::instance)
          .isSortedAccordingTo((a, b) -> b.compareTo(a));
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

  private static ChatPage listed(
      Inbox inbox, PageToken.@Nullable Chats token, @Nullable PageSize size) {
    return ((ListChatsResult.Listed) inbox.list(PARTNER, PLACE, token, size)).page();
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
    assertThatThrownBy(() ->
            new PageToken.Chats(
                new PageSize(1),
                Instant.parse("+10000-01-01T00:00:00Z"),
                newChat().patient(),
                true))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
