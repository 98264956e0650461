package io.carechat.rest.events;

import static io.carechat.rest.ServedApi.KEY;
import static io.carechat.rest.ServedApi.PATIENT;
import static io.carechat.rest.ServedApi.messages;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.carechat.domain.access.Caller;
import io.carechat.domain.access.Scope;
import io.carechat.domain.chat.PatientId;
import io.carechat.domain.chat.Samples;
import io.carechat.domain.chat.TenantInstance;
import io.carechat.rest.ServedApi;
import io.carechat.rest.connections.ServerLimits;
import io.carechat.rest.http.Received;
import java.net.http.HttpRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Events, pulled. */
final class EventOperationsTest {
  private static final String OF_INSTANCE = events(Samples.THIS_INSTANCE);
  private static final String OF_CHAT = events(Samples.THIS_INSTANCE, PATIENT);

  private ServedApi api = new ServedApi();

  @AfterEach
  void stop() {
    api.close();
  }

  private void start(ServerLimits limits, StreamLimits streams) {
    api.close();
    api = new ServedApi(ServedApi.GENEROUS, limits, streams);
  }

  static String events(TenantInstance instance) {
    return "/api/v1/" + instance + "/events";
  }

  static String events(TenantInstance instance, UUID patient) {
    return "/api/v1/" + instance + "/patients/" + patient + "/events";
  }

  private static List<String> texts(JsonNode list) {
    var texts = new ArrayList<String>();
    list.path("events").forEach(event -> texts.add(event.at("/message/message").asText()));
    return texts;
  }

  @Test
  void tellsWhatHappenedInOrderAndWhereToGoOn() {
    Received sent = api.sent(messages(), "first");
    api.sent(ServedApi.newMessages(), "second");
    api.sent(messages(), "third");

    JsonNode list = api.get(OF_INSTANCE + "?limit=2").json();
    assertThat(texts(list)).containsExactly("first", "second");
    assertThat(list.path("more").booleanValue()).isTrue();
    JsonNode event = list.path("events").path(0);
    assertThat(event.path("type").asText()).isEqualTo("message.sent");
    assertThat(event.path("patientId").asText()).isEqualTo(PATIENT.toString());
    assertThat(event.path("message")).isEqualTo(sent.json());
    assertThat(event.path("createdAt")).isEqualTo(sent.json().path("createdAt"));
    assertThat(event.has("read")).isFalse();
    assertThat(list.path("after")).isEqualTo(list.path("events").path(1).path("id"));

    JsonNode rest = api.get(OF_INSTANCE + "?after=" + list.path("after").asText()).json();
    assertThat(texts(rest)).containsExactly("third");
    assertThat(rest.path("more").booleanValue()).isFalse();
    assertThat(texts(api.get(OF_CHAT).json())).containsExactly("first", "third");
  }

  @Test
  void beginsAtTheBeginningOrNow() {
    JsonNode nothing = api.get(OF_CHAT).json();
    assertThat(nothing.path("events")).isEmpty();
    assertThat(nothing.path("after").asText()).isEqualTo("0-0");
    api.sent(messages(), "before");

    JsonNode now = api.get(OF_CHAT + "?after=now").json();
    assertThat(now.path("events")).isEmpty();
    api.sent(messages(), "later");
    String after = now.path("after").asText();
    assertThat(texts(api.get(OF_CHAT + "?after=" + after).json())).containsExactly("later");
    assertThat(texts(api.get(OF_CHAT + "?after=0-0").json())).containsExactly("before", "later");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "after=",
        "after=x",
        "after=Now",
        "after=1",
        "after=1-",
        "after=-1-1",
        "after=1-1-1",
        "after=1-+1",
        "after=%D9%A1-1",
        "after=123456789012345678901-1",
        "after=1-12345678901234567890",
        "after=9223372036854775808-1",
        "after=1-9223372036854775808",
        "after=1-1&after=1-1",
        "limit=0",
        "limit=501",
        "limit=x",
        "waitSeconds=-1",
        "waitSeconds=31",
        "wait=1"
      })
  void saysWhatIsWrongWithAParameter(String query) {
    for (String path : List.of(OF_INSTANCE, OF_CHAT)) {
      Received answer = api.get(path + "?" + query);
      assertThat(answer.status()).isEqualTo(400);
      assertThat(answer.code()).isEqualTo("invalid-request");
      assertThat(answer.json().at("/errors/0/parameter").asText())
          .isEqualTo(query.substring(0, query.indexOf('=')));
      assertThat(answer.text()).doesNotContain("9223372036854775808");
    }
  }

  @Test
  void isForThoseWhoMayReadAllOfIt() {
    api.sent(messages(), "private");
    api.tokens.put(
        "token.of.another-patient",
        new Caller.PatientUser(
            "patient-2",
            Samples.THIS_INSTANCE,
            EnumSet.allOf(Scope.class),
            new PatientId(UUID.randomUUID())));
    var refused =
        List.of(
            ServedApi.SEND_ONLY,
            ServedApi.OTHER_INSTANCE,
            ServedApi.OTHER_TENANT,
            "token.of.another-patient");
    for (String key : refused) {
      for (String path : List.of(OF_CHAT, OF_INSTANCE)) {
        for (String end :
            List.of("", "?after=0-0&waitSeconds=30", "/stream", "/stream?after=0-0")) {
          Received answer = api.get(path + end, key);
          assertThat(answer.status()).as(path + end + " " + key).isEqualTo(403);
          assertThat(answer.code()).isEqualTo("forbidden");
        }
      }
    }
    for (String end : List.of("", "/stream")) {
      assertThat(api.get(OF_INSTANCE + end, ServedApi.PATIENTS_TOKEN).status()).isEqualTo(403);
      for (String path : List.of(OF_CHAT, OF_INSTANCE)) {
        assertThat(api.get(path + end, null).status()).isEqualTo(401);
        assertThat(api.get(path + end, "nobody's key").status()).isEqualTo(401);
      }
    }
    for (String key :
        List.of(KEY, ServedApi.READ_ONLY, ServedApi.NURSES_TOKEN, ServedApi.PATIENTS_TOKEN)) {
      assertThat(texts(api.get(OF_CHAT, key).json())).containsExactly("private");
    }
    assertThat(texts(api.get(OF_INSTANCE, ServedApi.NURSES_TOKEN).json()))
        .containsExactly("private");
    // Their own places show them nothing of it.
    assertThat(texts(api.get(events(Samples.OTHER_INSTANCE), ServedApi.OTHER_INSTANCE).json()))
        .isEmpty();
    assertThat(texts(api.get(events(Samples.OTHER_TENANT, PATIENT), ServedApi.OTHER_TENANT).json()))
        .isEmpty();
  }

  @Test
  void holdsItsAnswerBackUntilSomethingHappens() throws Exception {
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<Received> waiting =
          threads.submit(() -> api.get(OF_CHAT + "?after=now&waitSeconds=30"));
      Future<Received> patients =
          threads.submit(
              () -> api.get(OF_CHAT + "?after=now&waitSeconds=30", ServedApi.PATIENTS_TOKEN));
      assertThat(waiting.isDone()).isFalse();
      // Until both are answered: one may not have begun to wait when the first is sent.
      long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
      while (!waiting.isDone() || !patients.isDone()) {
        assertThat(System.nanoTime()).isLessThan(deadline);
        api.sent(ServedApi.newMessages(), "somebody else's");
        api.sent(messages(), "hello");
      }
      for (Received answer : List.of(waiting.get(), patients.get())) {
        assertThat(texts(answer.json())).startsWith("hello").doesNotContain("somebody else's");
      }
    }
  }

  @Test
  void answersEmptyWhenTheTimeIsOverWhateverOtherRequestsMayTake() {
    start(
        new ServerLimits(
            64,
            64,
            Duration.ofSeconds(10),
            Duration.ofMillis(500),
            Duration.ofSeconds(10),
            Duration.ofSeconds(1),
            Duration.ofSeconds(1)),
        StreamLimits.DEFAULT);
    long start = System.nanoTime();
    Received answer = api.get(OF_CHAT + "?after=now&waitSeconds=2");
    assertThat(answer.status()).isEqualTo(200);
    assertThat(texts(answer.json())).isEmpty();
    assertThat(System.nanoTime() - start).isGreaterThan(Duration.ofMillis(1_900).toNanos());
  }

  @Test
  void countsThoseWhoWaitAsStreams() throws Exception {
    start(
        ServerLimits.DEFAULT,
        new StreamLimits(
            3, 3, 1, 1, Duration.ofSeconds(15), Duration.ofSeconds(30), Duration.ofSeconds(60)));
    String waiting = OF_CHAT + "?after=now&waitSeconds=30";
    try (var one = api.stream(OF_CHAT + "/stream", KEY)) {
      assertThat(one.event().event()).isEqualTo("stream.opened");
      Received enough = api.get(waiting);
      assertThat(enough.status()).isEqualTo(429);
      assertThat(enough.header("Retry-After")).isEqualTo("10");
      assertThat(enough.json().path("detail").asText()).contains("waiting requests (1).");
      assertThat(api.get(OF_CHAT + "?after=now").status()).isEqualTo(200);
      assertThat(api.get(OF_INSTANCE + "/stream").status()).isEqualTo(429);
      try (var two = api.stream(OF_CHAT + "/stream", ServedApi.NURSES_TOKEN);
          var three = api.stream(OF_CHAT + "/stream", ServedApi.READ_ONLY)) {
        assertThat(two.event().event()).isEqualTo("stream.opened");
        assertThat(three.event().event()).isEqualTo("stream.opened");
        for (String path : List.of(waiting, OF_CHAT + "/stream")) {
          Received full = api.get(path, ServedApi.PATIENTS_TOKEN);
          assertThat(full.status()).isEqualTo(503);
          assertThat(full.header("Retry-After")).isEqualTo("10");
        }
      }
    }
  }

  @Test
  void patientsAndInstancesHaveSharesOfTheStreams() throws Exception {
    start(
        ServerLimits.DEFAULT,
        new StreamLimits(
            8, 2, 8, 1, Duration.ofSeconds(15), Duration.ofSeconds(30), Duration.ofSeconds(60)));
    String stream = OF_CHAT + "/stream";
    try (var patients = api.stream(stream, ServedApi.PATIENTS_TOKEN)) {
      assertThat(patients.event().event()).isEqualTo("stream.opened");
      assertThat(api.get(stream, ServedApi.PATIENTS_TOKEN).status()).isEqualTo(429);
      try (var partners = api.stream(stream, KEY)) {
        assertThat(partners.event().event()).isEqualTo("stream.opened");
        Received full = api.get(stream, ServedApi.NURSES_TOKEN);
        assertThat(full.status()).isEqualTo(503);
        assertThat(full.header("Retry-After")).isEqualTo("10");
        // Other instances have their own share.
        for (var other :
            Map.of(
                    ServedApi.OTHER_INSTANCE, Samples.OTHER_INSTANCE,
                    ServedApi.OTHER_TENANT, Samples.OTHER_TENANT)
                .entrySet()) {
          try (var open = api.stream(events(other.getValue()) + "/stream", other.getKey())) {
            assertThat(open.event().event()).isEqualTo("stream.opened");
          }
        }
      }
    }
  }

  @Test
  void answersInItsOwnFormOnly() {
    for (String path : List.of(OF_INSTANCE, OF_CHAT)) {
      Received list = accepting(path, "text/event-stream");
      assertThat(list.status()).isEqualTo(406);
      assertThat(list.json().path("detail").asText())
          .isEqualTo("This operation answers with application/json.");
      Received stream = accepting(path + "/stream", "application/json");
      assertThat(stream.status()).isEqualTo(406);
      assertThat(stream.json().path("detail").asText())
          .isEqualTo("This operation answers with text/event-stream.");
    }
  }

  private Received accepting(String path, String type) {
    HttpRequest request = api.request(path, KEY).header("Accept", type).GET().build();
    return api.send(request);
  }
}
