package io.carechat.contracttests.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.carechat.client.ApiException;
import io.carechat.client.ChatsApi;
import io.carechat.client.MessagesApi;
import io.carechat.client.model.CareTeamSender;
import io.carechat.client.model.Chat;
import io.carechat.client.model.ChatPage;
import io.carechat.client.model.ChatSummary;
import io.carechat.client.model.ClientType;
import io.carechat.client.model.Message;
import io.carechat.client.model.NewMessage;
import io.carechat.client.model.ReadMarker;
import io.carechat.client.model.ReadUpTo;
import io.carechat.contracttests.running.Eventually;
import io.carechat.contracttests.running.RunningService;
import io.carechat.contracttests.running.RunningService.ApiKey;
import io.carechat.contracttests.running.TestIssuer;
import io.carechat.domain.chat.ChatId;
import io.carechat.domain.chat.PatientId;
import io.carechat.domain.events.ChatEvent;
import io.carechat.domain.events.Event;
import io.carechat.domain.events.LogPosition;
import io.carechat.domain.events.LoggedEvent;
import io.carechat.persistence.PostgresStorage;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Two sides talk, and each reads what the other wrote. The care team pages through its inbox. */
@ExtendWith(RunningService.Parameter.class)
final class InboxIT {
  private final RunningService service;
  private final MessagesApi messages;
  private final ChatsApi chats;

  InboxIT(RunningService service) {
    this.service = service;
    this.messages = service.client(ApiKey.PARTNER);
    this.chats = service.chats(ApiKey.PARTNER);
  }

  private Message fromPatient(UUID patient, String text) {
    return messages.sendMessage("test-den", "chat2", patient, new NewMessage().message(text), null);
  }

  private Message fromNurse(UUID patient, String text) {
    return messages.sendMessage(
        "test-den",
        "chat2",
        patient,
        new NewMessage()
            .message(text)
            .sender(new CareTeamSender().id(UUID.randomUUID()).titleName("Nurse")),
        null);
  }

  private static ReadMarker mark(ChatsApi as, UUID patient, Message upTo) {
    return as.markRead(
        "test-den", "chat2", patient, new ReadUpTo().externalId(upTo.getExternalId()));
  }

  private Chat chat(UUID patient) {
    return chats.getChat("test-den", "chat2", patient);
  }

  private void assertUnread(UUID patient, int byPatient, int byCareTeam) {
    assertThat(chat(patient).getUnread().getPatient()).isEqualTo(byPatient);
    assertThat(chat(patient).getUnread().getCareTeam()).isEqualTo(byCareTeam);
  }

  private ChatsApi bearer(UUID subject, ClientType side) {
    return service.chats(
        "Authorization",
        "Bearer "
            + service
                .issuer()
                .sign(
                    TestIssuer.patient(RunningService.INSTANCE, subject, "messages:read")
                        .claim("client_type", side.getValue())));
  }

  @Test
  void whatIsUnreadGoesUpAndDownAndIsToldByTheLog() {
    UUID patient = UUID.randomUUID();
    ChatsApi asPatient = bearer(patient, ClientType.PATIENT);
    ChatsApi asNurse = bearer(UUID.randomUUID(), ClientType.CARE_TEAM);
    assertThat(chat(patient).getMessageCount()).isZero();
    assertThat(chat(patient).getLastMessage()).isNull();

    Message first = fromPatient(patient, "I slept badly.");
    Message second = fromPatient(patient, "Again.");
    assertUnread(patient, 0, 2);
    ReadMarker nurse = mark(asNurse, patient, second);
    assertThat(nurse.getClientType()).isEqualTo(ClientType.CARE_TEAM);
    assertUnread(patient, 0, 0);
    Message third = fromNurse(patient, "Since when?");
    assertUnread(patient, 1, 0);
    ReadMarker own = mark(asPatient, patient, third);
    assertThat(own.getClientType()).isEqualTo(ClientType.PATIENT);
    Message fourth = fromPatient(patient, "Since Monday.");
    assertUnread(patient, 0, 1);

    // Read markers that come late or twice change nothing.
    assertThat(mark(asNurse, patient, first)).isEqualTo(nurse);
    assertThat(mark(asPatient, patient, third)).isEqualTo(own);
    assertUnread(patient, 0, 1);
    Chat state = chat(patient);
    assertThat(state.getLastMessage()).isEqualTo(fourth);
    assertThat(state.getMessageCount()).isEqualTo(4);
    assertThat(state.getReadMarkers()).containsExactly(own, nurse);

    var id = new ChatId(RunningService.INSTANCE, new PatientId(patient));
    try (PostgresStorage storage = anotherNode()) {
      List<Event> told =
          Eventually.get(
              Duration.ofSeconds(60),
              () ->
                  storage.instanceEvents().read(id, LogPosition.START, 100).stream()
                      .map(LoggedEvent::event)
                      .toList(),
              events -> events.size() >= 6);
      assertThat(told.stream().map(InboxIT::asText))
          .containsExactly(
              "sent " + first.getExternalId(),
              "sent " + second.getExternalId(),
              "CARE_TEAM read " + second.getExternalId(),
              "sent " + third.getExternalId(),
              "PATIENT read " + third.getExternalId(),
              "sent " + fourth.getExternalId());
      // Another node reads the same, because nothing is kept in a process.
      assertThat(storage.chats().find(id).orElseThrow().summary().readMarkers()).hasSize(2);
    }
  }

  private static String asText(Event event) {
    return switch (event) {
      case ChatEvent.MessageSent sent -> "sent " + sent.message().externalId();
      case ChatEvent.ChatRead read -> read.side() + " read " + read.message().externalId();
      case Event other -> other.toString();
    };
  }

  /** A storage on the same database, as another node would have it. */
  private PostgresStorage anotherNode() {
    var database = service.settings().database();
    return PostgresStorage.open(
        new PostgresStorage.Settings(database.url(), database.user(), database.password(), 1),
        InstantSource.system(),
        () -> {});
  }

  @Test
  void theInboxHasTheMostRecentFirstWhileItIsWalked() {
    List<UUID> patients = IntStream.range(0, 9).mapToObj(i -> UUID.randomUUID()).toList();
    patients.forEach(patient -> fromPatient(patient, "hello"));
    UUID busy = patients.getFirst();
    Message news = fromNurse(busy, "news");

    // Other tests fill the same inbox, so their chats are before and behind these.
    var seen = new ArrayList<UUID>();
    ChatPage page = list(4, null);
    String before = page.getMeta().getPrevPageToken();
    @Nullable String next;
    do {
      page.getContent().forEach(each -> seen.add(each.getPatientId()));
      next = page.getMeta().getNextPageToken();
      if (next != null) {
        // The chat moves to the front, to a position that was read already.
        fromPatient(busy, "more");
        page = list(null, next);
      }
    } while (next != null && !seen.containsAll(patients));
    assertThat(seen).doesNotHaveDuplicates();
    assertThat(seen.stream().filter(patients::contains))
        .containsExactlyElementsOf(busyFirst(busy, patients));

    ChatPage since = list(200, before);
    assertThat(since.getContent()).extracting(ChatSummary::getPatientId).contains(busy);
    ChatSummary summary =
        since.getContent().stream()
            .filter(each -> each.getPatientId().equals(busy))
            .findFirst()
            .orElseThrow();
    assertThat(summary.getLastMessage().getCreatedAt()).isAfter(news.getCreatedAt());
    assertThat(summary.getUnread().getPatient()).isOne();
    assertThat(summary.getUnread().getCareTeam()).isGreaterThan(1);
  }

  private static List<UUID> busyFirst(UUID busy, List<UUID> oldestFirst) {
    var newestFirst = new ArrayList<>(oldestFirst.reversed());
    newestFirst.remove(busy);
    newestFirst.addFirst(busy);
    return newestFirst;
  }

  private ChatPage list(@Nullable Integer pageSize, @Nullable String token) {
    return chats.listChats(
        ChatsApi.APIListChatsRequest.newBuilder()
            .tenantName("test-den")
            .instanceName("chat2")
            .pageSize(pageSize)
            .pageToken(token)
            .build());
  }

  @Test
  void theInboxOfASideHasWhatThisSideHasNotRead() {
    UUID patient = UUID.randomUUID();
    ChatsApi asPatient = bearer(patient, ClientType.PATIENT);
    ChatsApi asNurse = bearer(UUID.randomUUID(), ClientType.CARE_TEAM);
    Message question = fromPatient(patient, "How much of it?");
    assertThat(listed(asNurse, ClientType.CARE_TEAM)).contains(patient);
    assertThat(listed(chats, ClientType.PATIENT)).doesNotContain(patient);

    mark(asNurse, patient, question);
    assertThat(listed(asNurse, ClientType.CARE_TEAM)).doesNotContain(patient);
    Message answer = fromNurse(patient, "Half a tablet.");
    assertThat(listed(asNurse, ClientType.CARE_TEAM)).doesNotContain(patient);
    assertThat(listed(asNurse, ClientType.PATIENT)).contains(patient);

    mark(asPatient, patient, answer);
    assertThat(listed(asNurse, ClientType.PATIENT)).doesNotContain(patient);
  }

  /** The newest chats that a side has not read. Other tests fill the same inbox. */
  private static List<UUID> listed(ChatsApi as, ClientType unreadBy) {
    return as
        .listChats(
            ChatsApi.APIListChatsRequest.newBuilder()
                .tenantName("test-den")
                .instanceName("chat2")
                .pageSize(200)
                .unreadBy(unreadBy)
                .build())
        .getContent()
        .stream()
        .map(ChatSummary::getPatientId)
        .toList();
  }

  @Test
  void aPartnerMarksForTheCareTeamWithTheScopeOnly() {
    UUID patient = UUID.randomUUID();
    Message message = fromPatient(patient, "hello");
    var mark = new ReadUpTo().externalId(message.getExternalId()).clientType(ClientType.CARE_TEAM);

    assertThatThrownBy(
            () -> service.chats(ApiKey.NO_CARE_TEAM).markRead("test-den", "chat2", patient, mark))
        .isInstanceOfSatisfying(
            ApiException.class, refusal -> assertThat(refusal.getCode()).isEqualTo(403));
    assertUnread(patient, 0, 1);
    assertThat(chats.markRead("test-den", "chat2", patient, mark).getClientType())
        .isEqualTo(ClientType.CARE_TEAM);
    assertUnread(patient, 0, 0);
  }
}
