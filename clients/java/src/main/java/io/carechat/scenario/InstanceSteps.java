package io.carechat.scenario;

import static io.carechat.scenario.Checks.check;
import static io.carechat.scenario.Checks.equal;
import static io.carechat.scenario.Checks.isTrue;

import io.carechat.client.ChatsApi;
import io.carechat.client.EventsApi;
import io.carechat.client.MessagesApi;
import io.carechat.client.SearchApi;
import io.carechat.client.model.Chat;
import io.carechat.client.model.ChatPage;
import io.carechat.client.model.ChatSummary;
import io.carechat.client.model.ClientType;
import io.carechat.client.model.Event;
import io.carechat.client.model.EventList;
import io.carechat.client.model.InstanceMessageItem;
import io.carechat.client.model.InstanceMessagePage;
import io.carechat.client.model.Message;
import io.carechat.client.model.MessageSearch;
import io.carechat.client.model.NewMessage;
import io.carechat.client.model.ReadMarker;
import io.carechat.client.model.ReadUpTo;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Steps in a whole instance: its inbox, read markers, a search of all chats, and its event log. */
final class InstanceSteps {
  private final Partner partner;
  private final UUID patient = Partner.newPatient();
  private final MessagesApi messages;
  private final ChatsApi chats;
  private final SearchApi search;
  private final EventsApi events;

  private InstanceSteps(Partner partner) {
    this.partner = partner;
    messages = new MessagesApi(partner.client());
    chats = new ChatsApi(partner.client());
    search = new SearchApi(partner.client());
    events = new EventsApi(partner.client());
  }

  static void run(Partner partner) {
    new InstanceSteps(partner).run();
  }

  private void run() {
    String before =
        events.listEvents(partner.tenant(), partner.instance(), "now", null, null).getAfter();
    // A word that is in no other chat.
    String word = wordOf(UUID.randomUUID());
    Message first = send("first " + word);
    Message second = send("second " + word);
    inbox(first, second);
    searchInstance(word, first, second);
    events(before, first, second);
  }

  private void inbox(Message first, Message second) {
    check(
        "the inbox has the chat, with its newest message; walked to the end it has no chat twice",
        () -> {
          List<ChatSummary> all = new ArrayList<>();
          String token = null;
          do {
            ChatPage page = chats.listChats(partner.tenant(), partner.instance(), 20, token, null);
            all.addAll(page.getContent());
            token = page.getMeta().getNextPageToken();
          } while (token != null);
          Set<UUID> patients = new HashSet<>();
          all.forEach(chat -> isTrue(patients.add(chat.getPatientId()), "each chat once"));
          ChatSummary ours =
              all.stream()
                  .filter(chat -> chat.getPatientId().equals(patient))
                  .findFirst()
                  .orElseThrow();
          equal(ours.getLastMessage(), second);
          equal(ours.getUnread().getCareTeam(), 2);
        });
    check(
        "get the chat, and mark it as read, which never goes back",
        () -> {
          Chat chat = chats.getChat(partner.tenant(), partner.instance(), patient);
          equal(chat.getMessageCount(), 2);
          equal(chat.getLastMessage(), second);
          equal(chat.getReadMarkers(), List.of());
          equal(unreadAfter(first), 1);
          equal(unreadAfter(second), 0);
          equal(markRead(first).getExternalId(), second.getExternalId());
        });
  }

  private int unreadAfter(Message message) {
    equal(markRead(message).getExternalId(), message.getExternalId());
    int unread =
        chats.getChat(partner.tenant(), partner.instance(), patient).getUnread().getCareTeam();
    ChatPage page =
        chats.listChats(partner.tenant(), partner.instance(), 200, null, ClientType.CARE_TEAM);
    equal(
        page.getContent().stream().anyMatch(chat -> chat.getPatientId().equals(patient)),
        unread > 0);
    return unread;
  }

  private ReadMarker markRead(Message message) {
    return chats.markRead(
        partner.tenant(),
        partner.instance(),
        patient,
        new ReadUpTo().externalId(message.getExternalId()).clientType(ClientType.CARE_TEAM));
  }

  private void searchInstance(String word, Message first, Message second) {
    check(
        "search all chats, in the address and in the body",
        () -> {
          InstanceMessagePage page =
              search.searchInstance(
                  partner.tenant(),
                  partner.instance(),
                  word,
                  1,
                  null,
                  null,
                  null,
                  ClientType.PATIENT,
                  true);
          InstanceMessageItem hit = page.getContent().getFirst();
          equal(hit.getPatientId(), patient);
          equal(hit.getMessage(), second);
          equal(hit.getMeta().getHighlights(), List.of("second <em>" + word + "</em>"));
          InstanceMessagePage next =
              search.searchInstanceByBody(
                  partner.tenant(),
                  partner.instance(),
                  new MessageSearch()
                      .pageToken(page.getMeta().getNextPageToken())
                      .clientType(ClientType.PATIENT));
          equal(
              next.getContent().stream().map(InstanceMessageItem::getMessage).toList(),
              List.of(first));
        });
  }

  private void events(String before, Message first, Message second) {
    String after =
        check(
            "pull the events since a place, 2 at a time",
            () -> {
              List<Event> ours = new ArrayList<>();
              EventList list;
              String place = before;
              do {
                list = events.listEvents(partner.tenant(), partner.instance(), place, 2, null);
                list.getEvents().stream()
                    .filter(event -> patient.equals(event.getPatientId()))
                    .forEach(ours::add);
                place = list.getAfter();
              } while (list.getMore());
              equal(
                  ours.stream().map(Event::getType).toList(),
                  List.of("message.sent", "message.sent", "chat.read", "chat.read"));
              equal(ours.get(0).getMessage(), first);
              equal(ours.get(1).getMessage(), second);
              equal(
                  Objects.requireNonNull(ours.get(3).getRead()).getExternalId(),
                  second.getExternalId());
              equal(
                  events
                      .listChatEvents(
                          partner.tenant(), partner.instance(), patient, null, null, null)
                      .getEvents(),
                  ours);
              return place;
            });
    check(
        "a pull that waits is answered without events when the time is over",
        () -> {
          long begun = System.nanoTime();
          EventList none =
              events.listChatEvents(partner.tenant(), partner.instance(), patient, after, null, 1);
          equal(none.getEvents(), List.of());
          isTrue(
              Duration.ofNanos(System.nanoTime() - begun).toMillis() >= 990, "a second was waited");
        });
    check(
        "a pull that waits is answered by what happens",
        () -> {
          var waiting =
              CompletableFuture.supplyAsync(
                  () -> events.listEvents(partner.tenant(), partner.instance(), after, null, 30));
          Message third = send("third");
          equal(
              waiting.get(20, TimeUnit.SECONDS).getEvents().stream()
                  .map(Event::getMessage)
                  .toList(),
              List.of(third));
        });
  }

  private Message send(String text) {
    return messages.sendMessage(
        partner.tenant(), partner.instance(), patient, new NewMessage().message(text), null);
  }

  private static String wordOf(UUID random) {
    StringBuilder word = new StringBuilder();
    random
        .toString()
        .toLowerCase(Locale.ROOT)
        .replace("-", "")
        .chars()
        .map(digit -> 'a' + Character.digit(digit, 16))
        .forEach(letter -> word.append((char) letter));
    return word.toString();
  }
}
