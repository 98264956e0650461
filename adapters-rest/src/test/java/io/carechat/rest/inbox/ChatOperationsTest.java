package io.carechat.rest.inbox;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.carechat.domain.access.Caller;
import io.carechat.domain.access.Scope;
import io.carechat.domain.chat.Samples;
import io.carechat.domain.chat.TenantInstance;
import io.carechat.rest.ServedApi;
import io.carechat.rest.http.Received;
import java.net.URLEncoder;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The inbox and read markers, as callers see them. */
final class ChatOperationsTest {
  private static final String WORD = "confidential";
  private static ServedApi served;
  private static String messageId;

  @BeforeAll
  static void serve() {
    served = new ServedApi();
    messageId = id(served.sent(ServedApi.messages(), WORD));
  }

  @AfterAll
  static void stop() {
    served.close();
  }

  private static String chats(TenantInstance place) {
    return "/api/v1/" + place + "/patients";
  }

  private static String chat(UUID patient) {
    return chats(Samples.THIS_INSTANCE) + "/" + patient;
  }

  private static String id(Received message) {
    assertThat(message.status()).isEqualTo(201);
    return message.json().path("externalId").asText();
  }

  private static HttpRequest.Builder marking(String chat, String key, String json) {
    return served
        .request(chat + "/read-marker", key)
        .header("Content-Type", "application/json")
        .PUT(BodyPublishers.ofString(json));
  }

  private static Received mark(String chat, String key, String json) {
    return served.send(marking(chat, key, json).build());
  }

  private static String upTo(String externalId) {
    return "{\"externalId\":\"" + externalId + "\"}";
  }

  private static String upTo(String externalId, String clientType) {
    return "{\"externalId\":\"" + externalId + "\",\"clientType\":\"" + clientType + "\"}";
  }

  /** An instance that no other test has, and its key, with all scopes. */
  private record Place(TenantInstance instance, String key) {
    static Place create() {
      TenantInstance instance = Samples.newInstance();
      String key = "key-of-" + instance.instanceName();
      served.keys.put(
          key, new Caller.Partner("of-" + instance, instance, EnumSet.allOf(Scope.class)));
      return new Place(instance, key);
    }

    Received sent(UUID patient) {
      return served.post(ServedApi.messages(instance, patient), key, "{\"message\":\"hello\"}");
    }

    /** Marks a chat as read by the care team. */
    Received read(UUID patient, String upTo) {
      return mark(chats(instance) + "/" + patient, key, upTo(upTo, "CARE_TEAM"));
    }

    Received list(String query) {
      Received answer = served.get(chats(instance) + query, key);
      assertThat(answer.status()).isEqualTo(200);
      return answer;
    }
  }

  private static List<UUID> patients(Received page) {
    var patients = new ArrayList<UUID>();
    page.json()
        .path("content")
        .forEach(chat -> patients.add(UUID.fromString(chat.path("patientId").asText())));
    return patients;
  }

  private static String encoded(JsonNode token) {
    return URLEncoder.encode(token.textValue(), StandardCharsets.UTF_8);
  }

  @Test
  void aChatWithoutMessagesReadsAsEmpty() {
    UUID patient = UUID.randomUUID();

    assertThat(served.get(chat(patient)).text())
        .isEqualTo(
            "{\"patientId\":\""
                + patient
                + "\",\"messageCount\":0,\"unread\":{\"patient\":0,\"careTeam\":0},\"readMarkers\":[]}");
  }

  @Test
  void unreadMessagesComeAndGo() {
    UUID patient = UUID.randomUUID();
    String messages = ServedApi.messages(Samples.THIS_INSTANCE, patient);
    String first = id(served.sent(messages, "one"));
    Received second = served.post(messages, ServedApi.NURSES_TOKEN, "{\"message\":\"two\"}");
    Received third = served.sent(messages, "three");

    Received before = served.get(chat(patient));
    assertThat(before.json().path("lastMessage")).isEqualTo(third.json());
    assertThat(before.json().path("messageCount").asInt()).isEqualTo(3);
    assertThat(before.json().path("unread").toString()).isEqualTo("{\"patient\":1,\"careTeam\":2}");

    Received marker = mark(chat(patient), ServedApi.NURSES_TOKEN, upTo(first));
    assertThat(marker.status()).isEqualTo(200);
    assertThat(marker.json().path("clientType").asText()).isEqualTo("CARE_TEAM");
    assertThat(marker.json().path("externalId").asText()).isEqualTo(first);
    assertThat(marker.json().path("createdAt").asText())
        .isEqualTo(served.get(messages + "/" + first).json().at("/message/createdAt").asText());
    assertThat(mark(chat(patient), ServedApi.KEY, upTo(id(second))).status()).isEqualTo(200);

    Received after = served.get(chat(patient));
    assertThat(after.json().path("unread").toString()).isEqualTo("{\"patient\":0,\"careTeam\":1}");
    assertThat(after.json().at("/readMarkers/0/clientType").asText()).isEqualTo("PATIENT");
    assertThat(after.json().at("/readMarkers/1")).isEqualTo(marker.json());
    assertThat(after.json().path("readMarkers")).hasSize(2);
  }

  @Test
  void aMarkerNeverMovesBack() {
    UUID patient = UUID.randomUUID();
    String messages = ServedApi.messages(Samples.THIS_INSTANCE, patient);
    String first = id(served.sent(messages, "one"));
    String second = id(served.sent(messages, "two"));

    Received standing = mark(chat(patient), ServedApi.NURSES_TOKEN, upTo(second));
    served.clock.move(Duration.ofSeconds(1));
    Received older = mark(chat(patient), ServedApi.NURSES_TOKEN, upTo(first));
    Received again = mark(chat(patient), ServedApi.NURSES_TOKEN, upTo(second));

    assertThat(standing.json().path("externalId").asText()).isEqualTo(second);
    assertThat(older.text()).isEqualTo(standing.text());
    assertThat(again.text()).isEqualTo(standing.text());
  }

  @Test
  void theCredentialDecidesWhoHasRead() {
    String home = chat(ServedApi.PATIENT);

    assertThat(
            mark(home, ServedApi.PATIENTS_TOKEN, upTo(messageId))
                .json()
                .path("clientType")
                .asText())
        .isEqualTo("PATIENT");
    assertThat(
            mark(home, ServedApi.KEY, upTo(messageId, "CARE_TEAM"))
                .json()
                .path("clientType")
                .asText())
        .isEqualTo("CARE_TEAM");
    assertThat(mark(home, ServedApi.READ_ONLY, upTo(messageId, "PATIENT")).status()).isEqualTo(200);
    assertThat(mark(home, ServedApi.READ_ONLY, upTo(messageId, "CARE_TEAM")).status())
        .isEqualTo(403);
    assertThat(mark(home, ServedApi.PATIENTS_TOKEN, upTo(messageId, "CARE_TEAM")).status())
        .isEqualTo(403);
    assertThat(mark(home, ServedApi.NURSES_TOKEN, upTo(messageId, "PATIENT")).status())
        .isEqualTo(403);
  }

  @Test
  void onlyAMessageOfTheChatCanBeRead() {
    UUID patient = UUID.randomUUID();
    served.sent(ServedApi.messages(Samples.THIS_INSTANCE, patient), "hello");

    for (String other : List.of(messageId, "IM00000000000000000000000000000000")) {
      Received answer = mark(chat(patient), ServedApi.KEY, upTo(other));
      assertThat(answer.status()).isEqualTo(404);
      assertThat(answer.code()).isEqualTo("not-found");
    }
    assertThat(mark(chat(UUID.randomUUID()), ServedApi.KEY, upTo(messageId)).status())
        .isEqualTo(404);
    assertThat(served.get(chat(patient)).json().path("readMarkers")).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{} | /externalId",
        "{\"externalId\":null} | /externalId",
        "{\"externalId\":\"IM6F\"} | /externalId",
        "{\"externalId\":\"IM6f03096c79094f9b9466c7d009073ca1\",\"clientType\":\"NURSE\"} | /clientType",
        "{\"externalId\":\"IM6f03096c79094f9b9466c7d009073ca1\",\"client\":\"PATIENT\"} | /client",
      })
  void whatIsWrongWithAMarkIsTold(String json, String pointer) {
    Received answer = mark(chat(ServedApi.PATIENT), ServedApi.KEY, json);

    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.code()).isEqualTo("invalid-request");
    assertThat(answer.json().at("/errors/0/pointer").asText()).isEqualTo(pointer);
  }

  @Test
  void theInboxHasTheMostRecentMessageFirst() {
    Place place = Place.create();
    var patients = new ArrayList<UUID>();
    for (int i = 0; i < 3; i++) {
      served.clock.move(Duration.ofSeconds(1));
      UUID patient = UUID.randomUUID();
      place.sent(patient);
      patients.add(patient);
    }
    assertThat(patients(place.list(""))).isEqualTo(patients.reversed());

    served.clock.move(Duration.ofSeconds(1));
    Received news = place.sent(patients.getFirst());

    Received page = place.list("");
    assertThat(patients(page)).containsExactly(patients.get(0), patients.get(2), patients.get(1));
    assertThat(page.json().at("/content/0").toString())
        .isEqualTo(
            "{\"patientId\":\""
                + patients.getFirst()
                + "\",\"lastMessage\":"
                + news.text()
                + ",\"unread\":{\"patient\":0,\"careTeam\":2},\"readMarkers\":[]}");
    assertThat(page.json().at("/meta/pageSize").asInt()).isEqualTo(3);
    assertThat(page.json().at("/meta/found").asBoolean()).isTrue();
    assertThat(page.json().at("/meta/nextPageToken").isNull()).isTrue();
  }

  @Test
  void pagesLeadThroughTheInboxInBothDirections() {
    Place place = Place.create();
    for (int i = 0; i < 7; i++) {
      // Several have their newest messages at one time.
      served.clock.move(Duration.ofMillis(i % 2));
      place.sent(UUID.randomUUID());
    }
    List<UUID> all = patients(place.list("?pageSize=200"));
    assertThat(all).hasSize(7);

    var older = new ArrayList<UUID>();
    Received page = place.list("?pageSize=3");
    String later = encoded(page.json().at("/meta/prevPageToken"));
    older.addAll(patients(page));
    while (!page.json().at("/meta/nextPageToken").isNull()) {
      page = place.list("?pageToken=" + encoded(page.json().at("/meta/nextPageToken")));
      older.addAll(patients(page));
    }
    assertThat(older).isEqualTo(all);

    Received newer = place.list("?pageToken=" + encoded(page.json().at("/meta/prevPageToken")));
    assertThat(patients(newer)).isEqualTo(all.subList(3, 6));

    Received nothing = place.list("?pageToken=" + later);
    assertThat(patients(nothing)).isEmpty();
    assertThat(encoded(nothing.json().at("/meta/prevPageToken"))).isEqualTo(later);
    served.clock.move(Duration.ofSeconds(1));
    UUID newest = UUID.randomUUID();
    place.sent(newest);
    assertThat(patients(place.list("?pageToken=" + later))).containsExactly(newest);
  }

  @Test
  void theInboxCanHaveOnlyWhatASideHasNotRead() {
    Place place = Place.create();
    var patients = new ArrayList<UUID>();
    var messages = new ArrayList<String>();
    for (int i = 0; i < 5; i++) {
      served.clock.move(Duration.ofSeconds(1));
      UUID patient = UUID.randomUUID();
      messages.add(id(place.sent(patient)));
      patients.add(patient);
    }
    List<UUID> newestFirst = patients.reversed();
    assertThat(patients(place.list("?unreadBy=CARE_TEAM"))).isEqualTo(newestFirst);
    assertThat(patients(place.list("?unreadBy=PATIENT"))).isEmpty();

    Received first = place.list("?unreadBy=CARE_TEAM&pageSize=2");
    assertThat(patients(first)).isEqualTo(newestFirst.subList(0, 2));
    assertThat(place.read(patients.get(1), messages.get(1)).status()).isEqualTo(200);
    // The token alone is enough, and with the same side it is the same.
    String older = encoded(first.json().at("/meta/nextPageToken"));
    for (String query : List.of("", "&unreadBy=CARE_TEAM")) {
      Received second = place.list("?pageToken=" + older + query);
      assertThat(patients(second)).containsExactly(patients.get(2), patients.get(0));
      assertThat(second.json().at("/meta/nextPageToken").isNull()).isTrue();
      Received back = place.list("?pageToken=" + encoded(second.json().at("/meta/prevPageToken")));
      assertThat(patients(back)).isEqualTo(newestFirst.subList(0, 2));
    }
    assertThat(patients(place.list(""))).isEqualTo(newestFirst);

    String later = encoded(first.json().at("/meta/prevPageToken"));
    assertThat(patients(place.list("?pageToken=" + later))).isEmpty();
    served.clock.move(Duration.ofSeconds(1));
    place.sent(patients.get(1));
    assertThat(patients(place.list("?pageToken=" + later))).containsExactly(patients.get(1));
  }

  @Test
  void anEmptyListOfUnreadChatsTellsHowToComeBack() {
    Place place = Place.create();
    UUID patient = UUID.randomUUID();
    String message = id(place.sent(patient));
    assertThat(place.read(patient, message).status()).isEqualTo(200);

    Received empty = place.list("?unreadBy=CARE_TEAM");
    assertThat(empty.json().path("content")).isEmpty();
    assertThat(empty.json().at("/meta/found").asBoolean()).isFalse();
    assertThat(empty.json().at("/meta/nextPageToken").isNull()).isTrue();
    String kept = encoded(empty.json().at("/meta/prevPageToken"));
    assertThat(encoded(place.list("?pageToken=" + kept).json().at("/meta/prevPageToken")))
        .isEqualTo(kept);
    served.clock.move(Duration.ofSeconds(1));
    place.sent(patient);
    assertThat(patients(place.list("?pageToken=" + kept))).containsExactly(patient);
  }

  @Test
  void aTokenOfAnotherListOfChatsIsRefused() {
    Place place = Place.create();
    place.sent(UUID.randomUUID());
    String all = encoded(place.list("").json().at("/meta/prevPageToken"));
    String careTeam = encoded(place.list("?unreadBy=CARE_TEAM").json().at("/meta/prevPageToken"));
    for (String query :
        List.of(
            "?unreadBy=PATIENT&pageToken=" + careTeam,
            "?unreadBy=CARE_TEAM&pageToken=" + all,
            "?unreadBy=PATIENT&pageToken=" + all)) {
      Received answer = served.get(chats(place.instance()) + query, place.key());
      assertThat(answer.status()).isEqualTo(400);
      assertThat(answer.code()).isEqualTo("invalid-request");
      assertThat(answer.json().path("errors").toString())
          .isEqualTo(
              "[{\"parameter\":\"unreadBy\",\"pointer\":null,"
                  + "\"detail\":\"must be the unreadBy of the pageToken, or be left out\"}]");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"NURSE", "care_team", "", "CARE_TEAM,PATIENT", "CARE_TEAM&unreadBy=PATIENT"})
  void onlyASideCanHaveUnreadChats(String value) {
    Received answer = served.get(chats(Samples.THIS_INSTANCE) + "?unreadBy=" + value);

    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.code()).isEqualTo("invalid-request");
    assertThat(answer.json().at("/errors/0/parameter").asText()).isEqualTo("unreadBy");
    assertThat(answer.text()).doesNotContain("NURSE");
  }

  @Test
  void anEmptyInboxTellsHowToComeBack() {
    Place place = Place.create();
    Received empty = place.list("");
    assertThat(empty.json().at("/meta/nextPageToken").isNull()).isTrue();
    assertThat(empty.json().at("/meta/found").asBoolean()).isFalse();

    UUID patient = UUID.randomUUID();
    place.sent(patient);

    assertThat(
            patients(place.list("?pageToken=" + encoded(empty.json().at("/meta/prevPageToken")))))
        .containsExactly(patient);
  }

  @Test
  void tokensOfOtherOperationsAreRefused() {
    String inbox = chats(Samples.THIS_INSTANCE);
    String find = encoded(served.get(ServedApi.messages()).json().at("/meta/prevPageToken"));
    String list = encoded(served.get(inbox).json().at("/meta/prevPageToken"));

    Received found = served.get(inbox + "?pageToken=" + find);
    assertThat(found.status()).isEqualTo(400);
    assertThat(found.code()).isEqualTo("invalid-page-token");
    assertThat(found.json().path("detail").asText())
        .isEqualTo("The token belongs to the messages of a chat.");
    assertThat(
            served.get(ServedApi.messages() + "?pageToken=" + list).json().path("detail").asText())
        .isEqualTo("The token belongs to a list of chats.");
    assertThat(
            served
                .get(ServedApi.messages() + "/search?pageToken=" + list)
                .json()
                .path("detail")
                .asText())
        .isEqualTo("The token belongs to a list of chats.");
    assertThat(served.get(inbox + "?pageSize=201").json().at("/errors/0/parameter").asText())
        .isEqualTo("pageSize");
  }

  static Stream<Arguments> strangers() {
    UUID home = ServedApi.PATIENT;
    UUID other = UUID.fromString("11111111-2222-4333-8444-555555555555");
    return Stream.of(
        Arguments.of(
            "another instance's key", ServedApi.OTHER_INSTANCE, Samples.THIS_INSTANCE, home),
        Arguments.of("another tenant's key", ServedApi.OTHER_TENANT, Samples.THIS_INSTANCE, home),
        Arguments.of("a key without the scope", ServedApi.SEND_ONLY, Samples.THIS_INSTANCE, home),
        Arguments.of("a key elsewhere", ServedApi.KEY, Samples.OTHER_INSTANCE, home),
        Arguments.of("a key in another tenant", ServedApi.KEY, Samples.OTHER_TENANT, home),
        Arguments.of("another patient", ServedApi.PATIENTS_TOKEN, Samples.THIS_INSTANCE, other),
        Arguments.of("a patient elsewhere", ServedApi.PATIENTS_TOKEN, Samples.OTHER_INSTANCE, home),
        Arguments.of("a nurse elsewhere", ServedApi.NURSES_TOKEN, Samples.OTHER_INSTANCE, home));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("strangers")
  void strangersGet403WhateverTheyAsk(String who, String key, TenantInstance place, UUID patient) {
    String path = chats(place) + "/" + patient;
    for (HttpRequest.Builder request :
        List.of(
            served.request(chats(place), key).GET(),
            served.request(chats(place) + "?unreadBy=CARE_TEAM", key).GET(),
            served.request(path, key).GET(),
            marking(path, key, upTo(messageId)))) {
      Received answer = served.send(request.build());
      assertThat(answer.status()).isEqualTo(403);
      assertThat(answer.code()).isEqualTo("forbidden");
      assertThat(answer.text()).doesNotContain(WORD);
    }
  }

  @Test
  void aPatientSeesTheirOwnChatButNoList() {
    assertThat(served.get(chat(ServedApi.PATIENT), ServedApi.PATIENTS_TOKEN).status())
        .isEqualTo(200);
    for (String query : List.of("", "?unreadBy=PATIENT", "?unreadBy=CARE_TEAM")) {
      assertThat(
              served.get(chats(Samples.THIS_INSTANCE) + query, ServedApi.PATIENTS_TOKEN).status())
          .isEqualTo(403);
    }
    assertThat(served.get(chats(Samples.THIS_INSTANCE), ServedApi.NURSES_TOKEN).status())
        .isEqualTo(200);
  }

  @Test
  void anotherInstancesInboxHasNothingOfThis() {
    Received other = served.get(chats(Samples.OTHER_INSTANCE), ServedApi.OTHER_INSTANCE);
    assertThat(other.json().path("content")).isEmpty();
    Received samePatient =
        served.get(
            chats(Samples.OTHER_INSTANCE) + "/" + ServedApi.PATIENT, ServedApi.OTHER_INSTANCE);
    assertThat(samePatient.json().path("messageCount").asInt()).isZero();
    assertThat(samePatient.text()).doesNotContain(WORD);
  }

  @Test
  void withoutACredentialNothingIsAnswered() {
    for (HttpRequest.Builder request :
        List.of(
            served.request(chats(Samples.THIS_INSTANCE), null).GET(),
            served.request(chat(ServedApi.PATIENT), null).GET(),
            served
                .request(chat(ServedApi.PATIENT) + "/read-marker", null)
                .header("Content-Type", "application/json")
                .PUT(BodyPublishers.ofString(upTo(messageId))))) {
      assertThat(served.send(request.build()).status()).isEqualTo(401);
    }
  }
}
