package io.carechat.rest.messages;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.carechat.domain.access.Caller;
import io.carechat.domain.access.Scope;
import io.carechat.domain.chat.ChatId;
import io.carechat.domain.chat.Message;
import io.carechat.domain.chat.MessageKey;
import io.carechat.domain.chat.PatientId;
import io.carechat.domain.chat.Samples;
import io.carechat.domain.chat.Sender;
import io.carechat.domain.chat.TenantInstance;
import io.carechat.rest.ServedApi;
import io.carechat.rest.http.Received;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class InstanceSearchOperationsTest {
  private static final String KEY = "key-of-this-test";

  private final ServedApi served = new ServedApi();
  private final TenantInstance instance = Samples.newInstance();
  private final String path = "/api/v1/" + instance + "/messages/search";

  InstanceSearchOperationsTest() {
    served.keys.put(KEY, new Caller.Partner("p", instance, EnumSet.of(Scope.SEARCH_INSTANCE)));
  }

  @AfterEach
  void stop() {
    served.close();
  }

  private Message send(String text) {
    return Samples.stored(served.log, Samples.chatIn(instance), text);
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  private Received search(String parameters) {
    return served.get(path + "?" + parameters, KEY);
  }

  private static List<String> texts(Received page) {
    assertThat(page.status()).as(page.text()).isEqualTo(200);
    var texts = new ArrayList<String>();
    page.json().path("content").forEach(item -> texts.add(item.at("/message/message").asText()));
    return texts;
  }

  @Test
  void findsInAllChatsNewestFirstAndSaysWhoseChatItIs() {
    Message one = send("the knee");
    Message two = send("my knee");
    send("an ankle");
    List<Message> newestFirst =
        List.of(one, two).stream().sorted(Comparator.comparing(MessageKey::of).reversed()).toList();

    Received page = search("query=knee&highlight=true");

    assertThat(texts(page))
        .isEqualTo(newestFirst.stream().map(message -> message.text().value()).toList());
    for (int i = 0; i < 2; i++) {
      JsonNode item = page.json().path("content").path(i);
      assertThat(item.path("patientId").asText())
          .isEqualTo(newestFirst.get(i).chat().patient().toString());
      assertThat(item.at("/meta/highlights/0").asText()).contains("<em>knee</em>");
      assertThat(item.at("/meta/nextPageToken").asText())
          .startsWith("eyJ0eXBlIjoiTE9DQUxfRklORCIs");
    }
    assertThat(page.json().at("/meta/found").asBoolean()).isTrue();
    assertThat(page.json().at("/meta/pageSize").asInt()).isEqualTo(2);
  }

  @Test
  void leadsThroughAllHitsInBothDirections() {
    for (int i = 0; i < 7; i++) {
      send("knee " + i);
    }
    var older = new ArrayList<String>();
    Received page = search("query=knee&pageSize=3");
    older.addAll(texts(page));
    while (!page.json().at("/meta/nextPageToken").isNull()) {
      page = search("pageToken=" + encoded(page.json().at("/meta/nextPageToken").asText()));
      older.addAll(texts(page));
    }
    assertThat(older).hasSize(7).doesNotHaveDuplicates();

    String newer = page.json().at("/meta/prevPageToken").asText();
    assertThat(texts(search("pageToken=" + encoded(newer)))).isEqualTo(older.subList(3, 6));
    assertThat(texts(search("query=knee&pageSize=1&pageToken=" + encoded(newer))))
        .isEqualTo(older.subList(5, 6));
    Received other = search("query=ankle&pageToken=" + encoded(newer));
    assertThat(other.code()).isEqualTo("invalid-request");
    assertThat(other.json().at("/errors/0/parameter").asText()).isEqualTo("query");
  }

  @Test
  void takesTheSameInTheBody() {
    send("the knee");

    Received page =
        served.post(path, KEY, "{\"query\":\"knee\",\"clientType\":\"PATIENT\",\"pageSize\":5}");
    assertThat(texts(page)).containsExactly("the knee");
    assertThat(texts(served.post(path, KEY, "{\"query\":\"knee\",\"clientType\":\"CARE_TEAM\"}")))
        .isEmpty();
    assertThat(served.post(path, KEY, "{}").json().at("/errors/0/pointer").asText())
        .isEqualTo("/query");
    Received token = served.post(path, KEY, "{\"pageToken\":\"eA==\"}");
    assertThat(token.code()).isEqualTo("invalid-page-token");
    assertThat(token.json().at("/errors/0/pointer").asText()).isEqualTo("/pageToken");
  }

  @Test
  void refusesTokensOfOtherOperationsAndIsRefusedThere() {
    Message message = send("the knee");
    Received page = search("query=knee");
    String ofInstance = page.json().at("/meta/prevPageToken").asText();
    String ofChat = page.json().at("/content/0/meta/prevPageToken").asText();
    Received refused = search("pageToken=" + encoded(ofChat));
    assertThat(refused.status()).isEqualTo(400);
    assertThat(refused.code()).isEqualTo("invalid-page-token");
    served.keys.put(
        "reader", new Caller.Partner("reader", instance, EnumSet.of(Scope.READ_MESSAGES)));
    String chat = ServedApi.messages(instance, message.chat().patient().value());
    for (String operation : List.of(chat, chat + "/search")) {
      assertThat(served.get(operation + "?pageToken=" + encoded(ofInstance), "reader").code())
          .isEqualTo("invalid-page-token");
    }
  }

  @Test
  void isForWhoHasTheScopeInTheInstance() {
    send("the knee");
    ChatId chat = Samples.chatIn(instance);
    EnumSet<Scope> allOthers = EnumSet.complementOf(EnumSet.of(Scope.SEARCH_INSTANCE));
    served.keys.put("others", new Caller.Partner("others", instance, allOthers));
    for (String key : List.of("others", ServedApi.OTHER_INSTANCE, ServedApi.OTHER_TENANT)) {
      assertThat(served.get(path + "?query=knee", key).status()).isEqualTo(403);
      assertThat(served.post(path, key, "{\"query\":\"knee\"}").status()).isEqualTo(403);
    }
    served.tokens.put(
        "patient.of.place",
        new Caller.PatientUser(
            "patient", instance, EnumSet.allOf(Scope.class), new PatientId(UUID.randomUUID())));
    served.tokens.put(
        "nurse.of.place",
        new Caller.CareTeamUser(
            "nurse",
            instance,
            EnumSet.of(Scope.SEARCH_INSTANCE),
            new Sender.CareTeamMember(chat.patient().value(), "Nurse")));
    assertThat(served.get(path + "?query=knee", "patient.of.place").status()).isEqualTo(403);
    assertThat(texts(served.get(path + "?query=knee", "nurse.of.place")))
        .containsExactly("the knee");
  }

  @Test
  void isUnavailableWithoutTheIndexAndSaysWhenToComeBack() {
    send("the knee");
    served.index.goAwayAfter(0);

    Received answer = search("query=knee");

    assertThat(answer.status()).isEqualTo(503);
    assertThat(answer.code()).isEqualTo("unavailable");
    assertThat(Integer.parseInt(answer.header("Retry-After"))).isPositive();
  }
}
