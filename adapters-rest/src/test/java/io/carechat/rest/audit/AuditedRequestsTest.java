package io.carechat.rest.audit;

import static org.assertj.core.api.Assertions.assertThat;

import io.carechat.domain.audit.AuditEntry;
import io.carechat.domain.audit.AuditRow;
import io.carechat.domain.audit.CallerType;
import io.carechat.domain.audit.Disclosure;
import io.carechat.domain.chat.PatientId;
import io.carechat.domain.chat.Samples;
import io.carechat.domain.chat.Unavailable;
import io.carechat.rest.ServedApi;
import io.carechat.rest.events.StreamClient;
import io.carechat.rest.http.RawConnection;
import io.carechat.rest.http.Received;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What the audit says about requests, and that it says so before they are answered. */
final class AuditedRequestsTest {
  private static final String BASE = "/api/v1/" + Samples.THIS_INSTANCE;
  private static final String CHAT = BASE + "/patients/" + ServedApi.PATIENT;
  private static final PatientId PATIENT = new PatientId(ServedApi.PATIENT);

  private final ServedApi served = new ServedApi();

  @AfterEach
  void stop() {
    served.close();
  }

  private AuditEntry entry(Received answer) {
    return served.audited(answer).entry();
  }

  private Disclosure shown(Received answer) {
    assertThat(answer.status()).as(answer.text()).isLessThan(300);
    return entry(answer).shown();
  }

  private static List<String> ids(Received answer) {
    return answer.json().findValuesAsText("externalId");
  }

  private List<Received> send(int count) {
    return IntStream.range(0, count)
        .mapToObj(i -> served.sent(CHAT + "/messages", "hello knee " + i))
        .toList();
  }

  // --- who, when, from where ---

  @Test
  void saysWhoAskedForWhatAndWhen() {
    Received answer = served.get(CHAT + "/messages", ServedApi.NURSES_TOKEN);
    assertThat(entry(answer))
        .isEqualTo(
            new AuditEntry(
                Samples.NOON,
                Samples.THIS_INSTANCE,
                CallerType.CARE_TEAM,
                "nurse-1",
                ServedApi.NURSE.toString(),
                false,
                "127.0.0.1",
                "findMessages",
                PATIENT,
                answer.header("x-request-id"),
                200,
                null,
                new Disclosure(null, null, 0, List.of(), null)));
    AuditEntry ofPatient = entry(served.get(CHAT, ServedApi.PATIENTS_TOKEN));
    assertThat(ofPatient.callerType()).isEqualTo(CallerType.PATIENT);
    assertThat(ofPatient.subject()).isEqualTo(ServedApi.PATIENT.toString());
    AuditEntry ofPartner = entry(served.get(CHAT));
    assertThat(ofPartner.callerType()).isEqualTo(CallerType.PARTNER);
    assertThat(ofPartner.subject()).isEqualTo("partner-1");
  }

  @Test
  void aRequestForAnotherInstanceBelongsToTheInstanceOfTheCredential() {
    String elsewhere =
        "/api/v1/" + Samples.OTHER_TENANT + "/patients/" + ServedApi.PATIENT + "/messages";
    AuditEntry entry = entry(served.get(elsewhere));
    assertThat(entry.status()).isEqualTo(403);
    assertThat(entry.problem()).isEqualTo("forbidden");
    assertThat(entry.instance()).isEqualTo(Samples.THIS_INSTANCE);
    assertThat(entry.patient()).isNull();
    assertThat(entry.shown()).isEqualTo(Disclosure.NOTHING);
  }

  @Test
  void aRefusalSaysWhoseChatWasAskedFor() {
    UUID other = UUID.fromString("11111111-2222-4333-8444-555555555555");
    Received answer =
        served.get(ServedApi.messages(Samples.THIS_INSTANCE, other), ServedApi.PATIENTS_TOKEN);
    AuditEntry entry = entry(answer);
    assertThat(entry.status()).isEqualTo(403);
    assertThat(entry.patient()).isEqualTo(new PatientId(other));
    assertThat(entry.subject()).isEqualTo(ServedApi.PATIENT.toString());
  }

  /** Nobody is known, so there is nobody to write about. */
  @Test
  void aRequestWithoutAKnownCredentialHasNoRow() {
    served.get(CHAT, "unknown");
    served.get(CHAT, null);
    served.get("/health/live", ServedApi.KEY);
    assertThat(served.audit.rows()).isEmpty();
  }

  // --- what was shown ---

  @Test
  void aMessageThatIsSentHasItsId() {
    Received sent = served.sent(CHAT + "/messages", "hello");
    assertThat(shown(sent)).isEqualTo(Disclosure.NOTHING.withIds(ids(sent)));
    assertThat(ids(sent)).hasSize(1);
  }

  @Test
  void aPageHasItsEndsAndItsCount() {
    List<Received> sent = send(5);
    Received page = served.get(CHAT + "/messages?pageSize=3");
    Instant first = Instant.parse(sent.get(2).json().path("createdAt").asText());
    Instant last = Instant.parse(sent.get(4).json().path("createdAt").asText());
    assertThat(shown(page)).isEqualTo(new Disclosure(first, last, 3, List.of(), null));
  }

  @Test
  void aSearchHasTheIdsOfItsHitsAndAHashOfItsQuery() {
    send(3);
    Received hits = served.get(CHAT + "/messages/search?query=knee&pageSize=2");
    Disclosure shown = shown(hits);
    assertThat(shown.ids()).isEqualTo(ids(hits)).hasSize(2);
    assertThat(shown.count()).isEqualTo(2);
    assertThat(shown.queryHash()).isNotNull();
    Received byBody = served.post(CHAT + "/messages/search", "{\"query\":\"knee\",\"pageSize\":2}");
    assertThat(shown(byBody)).isEqualTo(shown);
    String token = hits.json().at("/meta/nextPageToken").asText();
    Disclosure next =
        shown(served.post(CHAT + "/messages/search", "{\"pageToken\":\"" + token + "\"}"));
    assertThat(next.queryHash()).isEqualTo(shown.queryHash());
    assertThat(shown(served.get(CHAT + "/messages/search?query=elbow")))
        .satisfies(other -> assertThat(other.queryHash()).isNotEqualTo(shown.queryHash()))
        .satisfies(other -> assertThat(other.ids()).isEmpty());
    assertThat(served.audit.rows().toString()).doesNotContain("knee", "elbow");
  }

  @Test
  void aSearchInAllChatsHasTheIdsOfItsHits() {
    send(2);
    Received hits = served.get(BASE + "/messages/search?query=knee");
    assertThat(shown(hits).ids()).isEqualTo(ids(hits)).hasSize(2);
    assertThat(shown(hits).queryHash()).isNotNull();
    assertThat(entry(hits).patient()).isNull();
  }

  @Test
  void aListOfChatsHasTheIdsOfThePatients() {
    send(1);
    Received chats = served.get(BASE + "/patients");
    assertThat(shown(chats).ids()).containsExactly(ServedApi.PATIENT.toString());
    assertThat(shown(chats).count()).isEqualTo(1);
  }

  @Test
  void oneThingHasItsId() {
    String id = ids(send(1).getFirst()).getFirst();
    assertThat(shown(served.get(CHAT + "/messages/" + id)).ids()).containsExactly(id);
    Received missing = served.get(CHAT + "/messages/IM00000000000000000000000000000000");
    assertThat(missing.status()).isEqualTo(404);
    assertThat(entry(missing).problem()).isEqualTo("not-found");
    assertThat(entry(missing).shown().ids()).containsExactly("IM00000000000000000000000000000000");
    Received strange = served.get(CHAT + "/messages/%22a%20b%2C");
    assertThat(strange.status()).isEqualTo(400);
    assertThat(entry(strange).shown().ids()).isEmpty();
  }

  @Test
  void whatIsMadeHasItsNewId() {
    Received made =
        served.post(
            BASE + "/webhooks", "{\"url\":\"https://partner.example/hook\",\"payload\":\"THIN\"}");
    assertThat(made.status()).as(made.text()).isEqualTo(201);
    assertThat(shown(made).ids()).containsExactly(made.json().at("/webhook/webhookId").asText());
  }

  @Test
  void eventsHaveTheirEndsAndTheirCount() {
    send(4);
    Received events = served.get(BASE + "/events?limit=3");
    assertThat(shown(events).count()).isEqualTo(3);
    assertThat(shown(events).first()).isNotNull();
    assertThat(shown(events).last()).isAfter(shown(events).first());
    assertThat(shown(served.get(BASE + "/events?after=now")).count()).isZero();
  }

  // --- before the answer ---

  /** Lets nothing be stored until it is told to. */
  private final class Gate {
    private final CountDownLatch reached = new CountDownLatch(1);
    private final Semaphore opened = new Semaphore(0);

    Gate() {
      served.audit.setBefore(() -> {
        reached.countDown();
        opened.acquireUninterruptibly();
      });
    }

    void awaitRequest() throws InterruptedException {
      assertThat(reached.await(60, TimeUnit.SECONDS)).isTrue();
    }

    void open() {
      served.audit.setBefore(null);
      opened.release(1_000);
    }
  }

  private static String request(String path, String key) {
    return "GET " + path + " HTTP/1.1\r\nHost: localhost\r\n" + key + "\r\n\r\n";
  }

  @Test
  void noByteIsSentBeforeTheRowIsStored() throws Exception {
    send(1);
    for (String path :
        List.of(
            CHAT + "/messages",
            CHAT + "/messages/search?query=knee",
            BASE + "/patients?noSuchThing=1",
            "/api/v1/" + Samples.OTHER_TENANT + "/patients",
            CHAT + "/events/stream")) {
      var gate = new Gate();
      try (var connection = new RawConnection(served.port())) {
        connection.send(request(path, "X-API-KEY: " + ServedApi.KEY));
        gate.awaitRequest();
        assertThat(connection.hasMore()).as(path).isFalse();
        gate.open();
        assertThat(connection.readLine()).startsWith("HTTP/1.1 ");
      }
    }
  }

  /** A stream has its row when it begins, and shows nothing if that cannot be stored. */
  @Test
  void aStreamHasItsRowBeforeItBegins() throws IOException {
    try (StreamClient stream = served.stream(BASE + "/events/stream", ServedApi.KEY)) {
      assertThat(stream.event().event()).isEqualTo("stream.opened");
      assertThat(served.audit.rows())
          .singleElement()
          .satisfies(row -> assertThat(row.entry().operation()).isEqualTo("streamEvents"))
          .satisfies(row -> assertThat(row.entry().status()).isEqualTo(200));
    }
    served.audit.setAway(true);
    Received refused = served.get(BASE + "/events/stream");
    assertThat(refused.status()).isEqualTo(503);
    served.audit.setAway(false);
  }

  /** A permit that was taken for a stream is given back if the stream never begins. */
  @Test
  void streamsThatCannotBeAuditedLeaveNothingBehind() throws IOException {
    served.audit.setAway(true);
    for (int i = 0; i < 200; i++) {
      assertThat(served.get(CHAT + "/events/stream", ServedApi.PATIENTS_TOKEN).status())
          .isEqualTo(503);
    }
    served.audit.setAway(false);
    try (StreamClient stream = served.stream(CHAT + "/events/stream", ServedApi.PATIENTS_TOKEN)) {
      assertThat(stream.event().event()).isEqualTo("stream.opened");
    }
  }

  /** The row is stored with the message or not at all. The key settles it, as for every 503. */
  @Test
  void aSendWhoseRowCannotBeStoredIsSettledByItsKey() {
    served.audit.setAway(true);
    Received unknown = sendWithKey();
    assertThat(unknown.status()).isEqualTo(503);
    assertThat(unknown.text()).doesNotContain("hello", "IM");
    served.audit.setAway(false);
    Received repeated = sendWithKey();
    assertThat(repeated.status()).isEqualTo(201);
    assertThat(repeated.all("idempotent-replayed")).isEmpty();
    assertThat(shown(repeated).ids()).isEqualTo(ids(repeated));
    Received replayed = sendWithKey();
    assertThat(replayed.header("idempotent-replayed")).isEqualTo("true");
    assertThat(shown(replayed).ids()).isEqualTo(ids(repeated));
    assertThat(served.audit.rows()).hasSize(2);
  }

  private Received sendWithKey() {
    return served.send(
        served
            .request(CHAT + "/messages", ServedApi.KEY)
            .header("Content-Type", "application/json")
            .header("Idempotency-Key", "once")
            .POST(BodyPublishers.ofString("{\"message\":\"hello\"}"))
            .build());
  }

  /** A refusal by the HTTP parser, in the middle of a request with a known credential. */
  @Test
  void aBodyThatBreaksHttpIsInTheAuditToo() throws IOException {
    try (var connection = new RawConnection(served.port())) {
      connection.send(
          "POST "
              + CHAT
              + "/messages HTTP/1.1\r\nHost: localhost\r\nX-API-KEY: "
              + ServedApi.KEY
              + "\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n");
      Received answer = connection.read();
      assertThat(answer.status()).isEqualTo(400);
      assertThat(entry(answer).operation()).isEqualTo("sendMessage");
    }
  }

  @Test
  void whatIsUnavailableIsInTheAuditToo() {
    served.log.before =
        () -> {
          throw new Unavailable("it is away", Duration.ofSeconds(1));
        };
    Received answer = served.get(CHAT + "/messages");
    assertThat(answer.status()).isEqualTo(503);
    assertThat(entry(answer).problem()).isEqualTo("unavailable");
    served.log.before =
        () -> {
          throw new IllegalStateException("a fault");
        };
    Received failed = served.get(CHAT + "/messages");
    assertThat(failed.status()).isEqualTo(500);
    assertThat(entry(failed).problem()).isEqualTo("internal-error");
  }

  @Test
  void concurrentRequestsHaveARowEach() throws Exception {
    var threads = new ArrayList<Thread>();
    var answers = new ConcurrentLinkedQueue<Received>();
    for (int i = 0; i < 32; i++) {
      threads.add(Thread.ofVirtual().start(() -> answers.add(served.get(CHAT + "/messages"))));
    }
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(answers).hasSize(32);
    Set<String> requests =
        answers.stream().map(answer -> answer.header("x-request-id")).collect(Collectors.toSet());
    assertThat(served.audit.rows().stream().map(AuditRow::entry).map(AuditEntry::requestId))
        .containsExactlyInAnyOrderElementsOf(requests);
  }
}
