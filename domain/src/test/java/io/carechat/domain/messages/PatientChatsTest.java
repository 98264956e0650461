package io.carechat.domain.messages;

import static io.carechat.domain.access.AccessAssertions.assertDenied;
import static io.carechat.domain.chat.Samples.NOON;
import static io.carechat.domain.chat.Samples.THIS_INSTANCE;
import static io.carechat.domain.chat.Samples.newChat;
import static io.carechat.domain.chat.Samples.strangersTo;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.carechat.domain.access.Caller;
import io.carechat.domain.access.Scope;
import io.carechat.domain.chat.ChatId;
import io.carechat.domain.chat.ExternalId;
import io.carechat.domain.chat.ManualClock;
import io.carechat.domain.chat.Message;
import io.carechat.domain.chat.MessageText;
import io.carechat.domain.chat.PatientId;
import io.carechat.domain.chat.Samples;
import io.carechat.domain.chat.Sender;
import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.chat.TimeOrderedIds;
import io.carechat.domain.paging.Page;
import io.carechat.domain.paging.PageRequest;
import io.carechat.domain.paging.PageSize;
import io.carechat.domain.paging.PageToken;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class PatientChatsTest {
  private static final Caller PARTNER =
      new Caller.Partner("partner", THIS_INSTANCE, EnumSet.allOf(Scope.class));
  private static final PageSize LARGEST = new PageSize(PageSize.MAX);
  private static final MessageText HELLO = new MessageText("hello");

  private final ManualClock clock = new ManualClock(NOON);
  private final InMemoryMessageLog log = new InMemoryMessageLog(clock);
  private final PatientChats chats =
      new PatientChats(log, new TimeOrderedIds(clock, new Random(1)));

  private Message send(ChatId chat) {
    return switch (chats.send(PARTNER, chat, HELLO, null, null)) {
      case SendResult.Sent(Message message) -> message;
      case SendResult other -> throw new AssertionError(other);
    };
  }

  private Page<PagedMessage, Instant> find(
      ChatId chat, @Nullable PageToken<Instant> token, @Nullable PageSize size) {
    return chats.find(PARTNER, chat, new PageRequest<>(token, size));
  }

  private static List<Message> messages(Page<PagedMessage, Instant> page) {
    return page.newestFirst().stream().map(PagedMessage::message).toList();
  }

  @Test
  void sendsAsThePatientOfThePath() {
    ChatId chat = newChat();

    assertThat(send(chat).sender()).isEqualTo(new Sender.Patient(chat.patient()));
  }

  @Test
  void sendsAsACareTeamMemberWithTheScopeOnly() {
    ChatId chat = newChat();
    var nurse = new Sender.CareTeamMember(Samples.newUuid(), "Nurse");
    var without =
        new Caller.Partner("p", THIS_INSTANCE, Set.of(Scope.SEND_MESSAGES, Scope.READ_MESSAGES));
    var patient =
        new Caller.PatientUser("t", THIS_INSTANCE, EnumSet.allOf(Scope.class), chat.patient());

    assertThat(chats.send(PARTNER, chat, HELLO, nurse, null))
        .isInstanceOfSatisfying(
            SendResult.Sent.class, sent -> assertThat(sent.message().sender()).isEqualTo(nurse));
    assertDenied(Scope.SEND_AS_CARE_TEAM, () -> chats.send(without, chat, HELLO, nurse, null));
    assertDenied(Scope.SEND_AS_CARE_TEAM, () -> chats.send(patient, chat, HELLO, nurse, null));
    assertThat(messages(find(chat, null, null))).hasSize(1);
  }

  @Test
  void aMemberOfTheCareTeamSendsAsThemselves() {
    ChatId chat = newChat();
    var doctor = new Sender.CareTeamMember(Samples.newUuid(), "Dr.");
    var user = new Caller.CareTeamUser("t", THIS_INSTANCE, EnumSet.allOf(Scope.class), doctor);

    assertThat(chats.send(user, chat, HELLO, null, null))
        .isInstanceOfSatisfying(
            SendResult.Sent.class, sent -> assertThat(sent.message().sender()).isEqualTo(doctor));
    var nurse = new Sender.CareTeamMember(Samples.newUuid(), "Nurse");
    assertDenied(Scope.SEND_AS_CARE_TEAM, () -> chats.send(user, chat, HELLO, nurse, null));
    assertThat(messages(find(chat, null, null))).hasSize(1);
  }

  @Test
  void deniesEveryActOutsideTheCredentialAndChangesNothing() {
    ChatId chat = newChat();
    Message message = send(chat);
    var callers = new ArrayList<Caller>();
    for (ChatId stranger : strangersTo(chat)) {
      callers.add(
          new Caller.PatientUser(
              "t", stranger.instance(), EnumSet.allOf(Scope.class), stranger.patient()));
      if (!stranger.instance().equals(THIS_INSTANCE)) {
        callers.add(new Caller.Partner("p", stranger.instance(), EnumSet.allOf(Scope.class)));
        callers.add(
            new Caller.CareTeamUser(
                "t",
                stranger.instance(),
                EnumSet.allOf(Scope.class),
                new Sender.CareTeamMember(Samples.newUuid(), null)));
      }
    }
    callers.add(new Caller.Partner("p", THIS_INSTANCE, Set.of()));
    callers.add(new Caller.PatientUser("t", THIS_INSTANCE, Set.of(), chat.patient()));

    for (Caller caller : callers) {
      assertDenied(Scope.SEND_MESSAGES, () -> chats.send(caller, chat, HELLO, null, null));
      assertDenied(
          Scope.READ_MESSAGES, () -> chats.find(caller, chat, new PageRequest<>(null, null)));
      assertDenied(Scope.READ_MESSAGES, () -> chats.get(caller, chat, message.externalId()));
    }
    assertThat(messages(find(chat, null, null))).containsExactly(message);
  }

  @Test
  void replaysAndRefusesKeys() {
    ChatId chat = newChat();
    var key = new IdempotencyKey("k");
    var first = (SendResult.Sent) chats.send(PARTNER, chat, HELLO, null, key);

    assertThat(chats.send(PARTNER, chat, HELLO, null, key))
        .isEqualTo(new SendResult.Replayed(first.message()));
    assertThat(chats.send(PARTNER, chat, new MessageText("other"), null, key))
        .isEqualTo(new SendResult.KeyReused());
  }

  /** A member's title comes with the credential. What they ask for is the same. */
  @Test
  void replaysAKeyAfterTheTitleOfAMemberHasChanged() {
    ChatId chat = newChat();
    var key = new IdempotencyKey("k");
    UUID id = Samples.newUuid();
    var nurse = member(id, "Nurse");
    var first = (SendResult.Sent) chats.send(nurse, chat, HELLO, null, key);

    assertThat(chats.send(member(id, "Head nurse"), chat, HELLO, null, key))
        .isEqualTo(new SendResult.Replayed(first.message()));
    assertThat(messages(find(chat, null, null))).hasSize(1);
    // A partner asks for the title, so another one is another request.
    assertThat(chats.send(PARTNER, chat, HELLO, new Sender.CareTeamMember(id, "Head nurse"), key))
        .isEqualTo(new SendResult.KeyReused());
  }

  private static Caller member(UUID id, String title) {
    return new Caller.CareTeamUser(
        "t", THIS_INSTANCE, EnumSet.allOf(Scope.class), new Sender.CareTeamMember(id, title));
  }

  @Test
  void givesTheTokensOfAMessage() {
    ChatId chat = newChat();
    Message message = send(chat);

    PagedMessage got = chats.get(PARTNER, chat, message.externalId()).orElseThrow();

    assertThat(got).isEqualTo(new PagedMessage(message, PageSize.DEFAULT, List.of()));
    assertThat(got.older()).isEqualTo(new PageToken<>(PageSize.DEFAULT, message.createdAt(), true));
    assertThat(got.newer())
        .isEqualTo(new PageToken<>(PageSize.DEFAULT, message.createdAt(), false));
    for (ChatId stranger : strangersTo(chat)) {
      if (stranger.instance().equals(THIS_INSTANCE)) {
        assertThat(chats.get(PARTNER, stranger, message.externalId())).isEmpty();
      }
    }
  }

  @Test
  void anEmptyChatLeadsToLaterMessages() {
    ChatId chat = newChat();
    Page<PagedMessage, Instant> empty = find(chat, null, null);
    assertThat(empty.newestFirst()).isEmpty();
    assertThat(empty.older()).isNull();

    Message message = send(chat);

    assertThat(messages(find(chat, empty.newer(), null))).containsExactly(message);
  }

  @Test
  void anEmptyPageReturnsItsTokenAndLeadsBackToTheBorder() {
    ChatId chat = newChat();
    Message message = send(chat);
    var newer = new PageToken<>(new PageSize(7), message.createdAt(), false);
    var older = new PageToken<>(new PageSize(7), message.createdAt(), true);

    Page<PagedMessage, Instant> behindTheEnd = find(chat, newer, null);
    assertThat(behindTheEnd.newestFirst()).isEmpty();
    assertThat(behindTheEnd.newer()).isEqualTo(newer);
    assertThat(messages(find(chat, behindTheEnd.older(), null))).containsExactly(message);

    Page<PagedMessage, Instant> beforeTheBeginning = find(chat, older, null);
    assertThat(beforeTheBeginning.newestFirst()).isEmpty();
    assertThat(beforeTheBeginning.older()).isNull();
    assertThat(messages(find(chat, beforeTheBeginning.newer(), null))).containsExactly(message);
  }

  @Test
  void aGivenSizeReplacesTheTokensSizeFromThenOn() {
    ChatId chat = newChat();
    for (int i = 0; i < 9; i++) {
      send(chat);
    }
    Page<PagedMessage, Instant> first = find(chat, null, new PageSize(2));
    assertThat(first.older()).isNotNull();
    Page<PagedMessage, Instant> second = find(chat, first.older(), new PageSize(3));
    assertThat(second.newestFirst()).hasSize(3);
    assertThat(find(chat, second.older(), null).newestFirst()).hasSize(3);
  }

  /**
   * Each message is read once and in order, for any number of messages at any times and any size of
   * page, while others send.
   */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
  void pagingLosesAndRepeatsNothing(long seed) {
    var random = new Random(seed);
    for (int round = 0; round < 20; round++) {
      ChatId chat = newChat();
      var sent = new ArrayList<Message>();
      int count = random.nextInt(40);
      for (int i = 0; i < count; i++) {
        clock.move(Duration.ofMillis(random.nextInt(5) - 2));
        sent.add(send(chat));
      }

      var older = new ArrayList<Message>();
      Page<PagedMessage, Instant> page = find(chat, null, new PageSize(1 + random.nextInt(10)));
      PageToken<Instant> later = page.newer();
      older.addAll(messages(page));
      while (page.older() != null) {
        if (random.nextInt(3) == 0) {
          sent.add(send(chat));
        }
        page =
            find(
                chat,
                page.older(),
                random.nextBoolean() ? null : new PageSize(1 + random.nextInt(10)));
        assertThat(page.newestFirst()).isNotEmpty();
        older.addAll(messages(page));
      }
      assertThat(older.reversed()).isEqualTo(sent.subList(0, count));

      var newer = new ArrayList<Message>();
      page = find(chat, later, null);
      while (!page.newestFirst().isEmpty()) {
        newer.addAll(messages(page).reversed());
        page = find(chat, page.newer(), null);
      }
      assertThat(newer).isEqualTo(sent.subList(count, sent.size()));

      if (!sent.isEmpty()) {
        int at = random.nextInt(sent.size());
        PagedMessage got = chats.get(PARTNER, chat, sent.get(at).externalId()).orElseThrow();
        assertThat(messages(find(chat, got.older(), LARGEST)).reversed())
            .isEqualTo(sent.subList(0, at));
        assertThat(messages(find(chat, got.newer(), LARGEST)).reversed())
            .isEqualTo(sent.subList(at + 1, sent.size()));
      }
    }
  }

  @Test
  void valuesValidateThemselves() {
    assertThatThrownBy(() -> new PageSize(0)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new PageSize(201)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new TenantInstance("Test", "chat"))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new TenantInstance("test", "chat/2"))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new IdempotencyKey("a b"))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new IdempotencyKey("")).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new IdempotencyKey("x".repeat(256)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(PatientId.parse("1-1-1-1-1")).isEmpty();
    assertThat(PatientId.parse("CDB303E7-844F-40F8-B634-FE99BFCCCE28"))
        .map(PatientId::toString)
        .contains("cdb303e7-844f-40f8-b634-fe99bfccce28");
    assertThat(ExternalId.parse("IM6f03096c79094f9b9466c7d009073ca1"))
        .map(ExternalId::toString)
        .contains("IM6f03096c79094f9b9466c7d009073ca1");
    assertThat(ExternalId.parse("IM6F03096c79094f9b9466c7d009073ca1")).isEmpty();
    assertThat(ExternalId.parse("6f03096c79094f9b9466c7d009073ca1")).isEmpty();
  }

  @Test
  void textsMustFollowTheContract() {
    assertThat(MessageText.faultIn("")).contains(MessageText.Fault.BLANK);
    assertThat(MessageText.faultIn(" \t\n\u2003")).contains(MessageText.Fault.BLANK);
    assertThat(MessageText.faultIn("a\0b")).contains(MessageText.Fault.NUL);
    assertThat(MessageText.faultIn("a\ud83d")).contains(MessageText.Fault.UNPAIRED_SURROGATE);
    assertThat(MessageText.faultIn("🎉".repeat(10_000))).isEmpty();
    assertThat(MessageText.faultIn("x".repeat(10_001))).contains(MessageText.Fault.TOO_LONG);
    assertThat(new MessageText("private").toString()).doesNotContain("private");
  }

  @Test
  void idsAreOfVersionSevenAndHaveTheirTime() {
    UUID id = new TimeOrderedIds(clock, new Random(1)).next();

    assertThat(id.version()).isEqualTo(7);
    assertThat(id.variant()).isEqualTo(2);
    assertThat(Instant.ofEpochMilli(id.getMostSignificantBits() >>> 16)).isEqualTo(NOON);
  }
}
