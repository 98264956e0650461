package io.carechat.rest.exports;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.carechat.api.runtime.Json;
import io.carechat.domain.chat.ChatId;
import io.carechat.domain.chat.PatientId;
import io.carechat.domain.chat.Samples;
import io.carechat.domain.chat.Unavailable;
import io.carechat.domain.exports.ExportId;
import io.carechat.domain.exports.ExportQueue;
import io.carechat.domain.exports.ExportWriter;
import io.carechat.domain.exports.PlainLines;
import io.carechat.rest.ServedApi;
import io.carechat.rest.http.RawConnection;
import io.carechat.rest.http.Received;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class ExportOperationsTest {
  private static final String EXPORTS = "/api/v1/" + Samples.THIS_INSTANCE + "/exports";
  private static final String OF_CHAT =
      "{\"format\":\"NDJSON\",\"patientId\":\"" + ServedApi.PATIENT + "\"}";

  private final ServedApi served = new ServedApi();

  @AfterEach
  void stop() {
    served.close();
  }

  private static String path(JsonNode export) {
    return EXPORTS + "/" + export.path("exportId").asText();
  }

  private JsonNode created(String json) {
    Received answer = served.post(EXPORTS, json);
    assertThat(answer.status()).as(answer.text()).isEqualTo(201);
    return answer.json();
  }

  /** Writes everything that waits. */
  private void write() {
    for (ExportQueue.Kind kind : ExportQueue.Kind.values()) {
      var writer =
          new ExportWriter(
              served.exportStore,
              served.exportStore,
              served.exportStore,
              new FileLines(),
              PlainLines::hash,
              Duration.ofHours(24),
              UUID.randomUUID(),
              kind,
              served.clock);
      while (writer.step()) {
        // There is more to do.
      }
    }
  }

  private JsonNode written(String json) {
    String path = path(created(json));
    write();
    return served.get(path).json();
  }

  private Received file(JsonNode export, String... headers) {
    var request = served.request(path(export) + "/file", ServedApi.KEY).GET();
    return served.send(headers.length == 0 ? request.build() : request.headers(headers).build());
  }

  /** Long enough for several parts. */
  private void fill() {
    for (int i = 0; i < 90; i++) {
      served.sent(ServedApi.messages(), i + " " + "\u00e4\ud83d\ude00".repeat(3_000));
    }
  }

  private static List<JsonNode> lines(Received file) {
    return file.text()
        .lines()
        .map(line -> Json.read(line.getBytes(StandardCharsets.UTF_8)))
        .toList();
  }

  @Test
  void anExportIsAskedForMadeAndDownloaded() {
    JsonNode message = served.sent(ServedApi.messages(), "hello").json();
    served.sent(ServedApi.newMessages(), "of somebody else");
    JsonNode asked = created(OF_CHAT);
    assertThat(asked.path("state").asText()).isEqualTo("WAITING");
    assertThat(asked.path("patientId").asText()).isEqualTo(ServedApi.PATIENT.toString());
    assertThat(asked.has("manifest")).isFalse();
    served.sent(ServedApi.messages(), "too late");
    write();

    JsonNode done = served.get(path(asked)).json();
    assertThat(done.path("state").asText()).isEqualTo("DONE");
    JsonNode manifest = done.path("manifest");
    Received file = file(asked);
    assertThat(file.status()).isEqualTo(200);
    assertThat(file.header("content-type")).isEqualTo("application/x-ndjson");
    assertThat(file.header("content-length")).isEqualTo(String.valueOf(file.body().length));
    assertThat(file.header("accept-ranges")).isEqualTo("bytes");
    assertThat(file.header("etag")).isEqualTo("\"" + manifest.path("sha256").asText() + "\"");
    assertThat(file.header("content-disposition")).contains(asked.path("exportId").asText());
    assertThat(manifest.path("sha256").asText()).isEqualTo(PlainLines.hash(file.text()));
    assertThat(manifest.path("bytes").asInt()).isEqualTo(file.body().length);
    assertThat(manifest.path("messages").asInt()).isEqualTo(1);
    assertThat(manifest.path("mediaType").asText()).isEqualTo("application/x-ndjson");
    assertThat(manifest.path("snapshotAt").asText()).isEqualTo(done.path("createdAt").asText());
    JsonNode line = lines(file).getFirst();
    assertThat(lines(file)).hasSize(1);
    assertThat(line.path("message")).isEqualTo(message);
    assertThat(line.path("patientId").asText()).isEqualTo(ServedApi.PATIENT.toString());
    for (String end : List.of("firstEventId", "lastEventId")) {
      assertThat(manifest.path(end).asText()).isEqualTo(line.path("eventId").asText());
    }
    // Whoever goes on with the events after it misses nothing and gets nothing twice.
    JsonNode later =
        served
            .get(
                "/api/v1/"
                    + Samples.THIS_INSTANCE
                    + "/events?after="
                    + manifest.path("after").asText())
            .json();
    assertThat(StreamSupport.stream(later.path("events").spliterator(), false))
        .extracting(event -> event.at("/message/message").asText())
        .containsExactly("too late");
  }

  @Test
  void anExportOfTheInstanceHasAllChatsBetweenTwoTimes() {
    served.sent(ServedApi.newMessages(), "before");
    served.clock.move(Duration.ofSeconds(10));
    Instant from = served.clock.instant();
    served.sent(ServedApi.newMessages(), "first");
    served.sent(ServedApi.newMessages(), "second");
    served.clock.move(Duration.ofSeconds(10));
    served.sent(ServedApi.newMessages(), "after");
    JsonNode done =
        written(
            "{\"format\":\"FHIR\",\"from\":\""
                + from.minusNanos(999_000)
                + "\",\"to\":\""
                + from.plusNanos(1)
                + "\"}");
    assertThat(done.path("patientId").isNull()).isTrue();
    assertThat(Instant.parse(done.path("from").asText())).isEqualTo(from);
    assertThat(Instant.parse(done.path("to").asText())).isEqualTo(from.plusMillis(1));
    Received file = file(done);
    assertThat(file.header("content-type")).isEqualTo("application/fhir+ndjson");
    assertThat(lines(file))
        .extracting(line -> line.at("/payload/0/contentString").asText())
        .containsExactly("first", "second");
  }

  @Test
  void anEmptyChatHasAnEmptyFile() {
    JsonNode done = written(OF_CHAT);
    assertThat(done.at("/manifest/firstEventId").isNull()).isTrue();
    assertThat(done.at("/manifest/lastEventId").isNull()).isTrue();
    Received file = file(done);
    assertThat(file.status()).isEqualTo(200);
    assertThat(file.body()).isEmpty();
    Received beyond = file(done, "Range", "bytes=0-");
    assertThat(beyond.status()).isEqualTo(416);
    assertThat(beyond.header("content-range")).isEqualTo("bytes */0");
  }

  @Test
  void aDownloadGoesOnWhereItBrokeOff() {
    fill();
    JsonNode done = written(OF_CHAT);
    byte[] whole = file(done).body();
    assertThat(whole.length).isGreaterThan(1_000_000);
    String tag = file(done).header("etag");
    for (int[] range :
        new int[][] {
          {0, 0},
          {0, whole.length - 1},
          {262_100, 262_200},
          {100_000, 900_000},
          {whole.length - 1, whole.length - 1},
          {whole.length - 5, whole.length + 500}
        }) {
      int last = Math.min(range[1], whole.length - 1);
      Received part = file(done, "Range", "bytes=" + range[0] + "-" + range[1], "If-Range", tag);
      assertThat(part.status()).isEqualTo(206);
      assertThat(part.header("content-range"))
          .isEqualTo("bytes " + range[0] + "-" + last + "/" + whole.length);
      assertThat(part.header("etag")).isEqualTo(tag);
      assertThat(part.body()).isEqualTo(Arrays.copyOfRange(whole, range[0], last + 1));
    }
    assertThat(file(done, "Range", "bytes=-7").body())
        .isEqualTo(Arrays.copyOfRange(whole, whole.length - 7, whole.length));
    for (String[] ignored :
        new String[][] {
          {"Range", "bytes=0-1,5-6"},
          {"Range", "lines=0-1"},
          {"Range", "bytes=x"},
          {"Range", "bytes=5-", "If-Range", "\"another file\""},
          {"Range", "bytes=5-", "If-Range", "W/" + tag},
        }) {
      Received answer = file(done, ignored);
      assertThat(answer.status()).isEqualTo(200);
      assertThat(answer.body()).isEqualTo(whole);
    }
    Received beyond = file(done, "Range", "bytes=" + whole.length + "-");
    assertThat(beyond.status()).isEqualTo(416);
    assertThat(beyond.code()).isEqualTo("range-not-satisfiable");
    assertThat(beyond.header("content-range")).isEqualTo("bytes */" + whole.length);
  }

  @Test
  void aHeadHasTheHeadersOfTheWholeFile() {
    served.sent(ServedApi.messages(), "hello");
    JsonNode done = written(OF_CHAT);
    Received head =
        served.send(
            served
                .request(path(done) + "/file", ServedApi.KEY)
                .header("Range", "bytes=0-0")
                .method("HEAD", BodyPublishers.noBody())
                .build());
    assertThat(head.status()).isEqualTo(200);
    assertThat(head.header("content-length")).isEqualTo(done.path("bytes").asText());
    assertThat(head.all("content-range")).isEmpty();
  }

  @Test
  void aKeyMakesOneExport() {
    Received first = withKey("key-1", OF_CHAT);
    assertThat(first.status()).isEqualTo(201);
    assertThat(first.all("idempotent-replayed")).isEmpty();
    assertThat(served.get(first.header("location")).json()).isEqualTo(first.json());
    Received again = withKey("key-1", OF_CHAT);
    assertThat(again.status()).isEqualTo(201);
    assertThat(again.header("idempotent-replayed")).isEqualTo("true");
    assertThat(again.json()).isEqualTo(first.json());
    Received other = withKey("key-1", "{\"format\":\"NDJSON\"}");
    assertThat(other.status()).isEqualTo(422);
    assertThat(other.code()).isEqualTo("idempotency-key-reused");
    assertThat(withKey("key-2", OF_CHAT).json().path("exportId"))
        .isNotEqualTo(first.json().path("exportId"));
  }

  private Received withKey(String key, String json) {
    return served.send(
        served
            .request(EXPORTS, ServedApi.KEY)
            .header("Content-Type", "application/json")
            .header("Idempotency-Key", key)
            .POST(BodyPublishers.ofString(json))
            .build());
  }

  @Test
  void tooManyExportsAreA409() {
    List<JsonNode> own = new ArrayList<>();
    for (int i = 0; i < ServedApi.EXPORT_LIMITS.perCaller(); i++) {
      own.add(created(OF_CHAT));
    }
    conflict(served.post(EXPORTS, OF_CHAT), "You already have 4 exports");
    assertThat(served.post(EXPORTS, ServedApi.NURSES_TOKEN, OF_CHAT).status()).isEqualTo(201);
    assertThat(served.post(EXPORTS, ServedApi.PATIENTS_TOKEN, OF_CHAT).status()).isEqualTo(201);
    conflict(
        served.post(EXPORTS, ServedApi.NURSES_TOKEN, OF_CHAT),
        "The instance already has 6 exports");
    assertThat(delete(own.getFirst(), ServedApi.KEY).status()).isEqualTo(204);
    created(OF_CHAT);
  }

  private static void conflict(Received answer, String detail) {
    assertThat(answer.status()).isEqualTo(409);
    assertThat(answer.json().path("detail").asText()).startsWith(detail);
  }

  private Received delete(JsonNode export, String key) {
    return served.send(served.request(path(export), key).DELETE().build());
  }

  @Test
  void aPatientExportsTheOwnChatAlone() {
    served.sent(ServedApi.messages(), "mine");
    served.sent(ServedApi.newMessages(), "of somebody else");
    Received own = served.post(EXPORTS, ServedApi.PATIENTS_TOKEN, OF_CHAT);
    assertThat(own.status()).isEqualTo(201);
    for (String other :
        List.of(
            "{\"format\":\"NDJSON\"}",
            "{\"format\":\"NDJSON\",\"patientId\":\"" + UUID.randomUUID() + "\"}")) {
      assertThat(served.post(EXPORTS, ServedApi.PATIENTS_TOKEN, other).status()).isEqualTo(403);
    }
    JsonNode ofOthers = created("{\"format\":\"NDJSON\"}");
    write();
    String mine = path(own.json());
    assertThat(served.get(mine + "/file", ServedApi.PATIENTS_TOKEN).text()).contains("mine");
    for (String path : List.of(path(ofOthers), path(ofOthers) + "/file")) {
      Received answer = served.get(path, ServedApi.PATIENTS_TOKEN);
      Received unknown =
          served.get(path.replaceFirst("EX[0-9a-f]{8}", "EX00000000"), ServedApi.PATIENTS_TOKEN);
      assertThat(answer.status()).isEqualTo(404);
      assertThat(answer.json().path("detail")).isEqualTo(unknown.json().path("detail"));
    }
    assertThat(delete(ofOthers, ServedApi.PATIENTS_TOKEN).status()).isEqualTo(404);
    assertThat(served.get(path(ofOthers)).status()).isEqualTo(200);
    assertThat(delete(own.json(), ServedApi.PATIENTS_TOKEN).status()).isEqualTo(204);
    assertThat(served.get(mine).status()).isEqualTo(404);
  }

  @Test
  void thereIsNoFileBeforeItIsCompleteNorAfterAnErasure() {
    served.sent(ServedApi.messages(), "hello");
    JsonNode asked = created("{\"format\":\"NDJSON\"}");
    conflict(file(asked), "The export is not complete. Its state is WAITING.");
    write();
    assertThat(file(asked).status()).isEqualTo(200);
    served.exportStore.deleteOfChat(
        new ChatId(Samples.THIS_INSTANCE, new PatientId(ServedApi.PATIENT)));
    conflict(file(asked), "The file was removed, because a chat of the instance was erased.");
    assertThat(served.get(path(asked)).json().path("state").asText()).isEqualTo("DISCARDED");
    assertThat(delete(asked, ServedApi.KEY).status()).isEqualTo(204);
    assertThat(delete(asked, ServedApi.KEY).status()).isEqualTo(404);
    assertThat(file(asked).status()).isEqualTo(404);
  }

  @Test
  void anUnavailableFileIsA503() {
    served.sent(ServedApi.messages(), "hello");
    JsonNode done = written(OF_CHAT);
    served.exportStore.beforePart =
        () -> {
          throw new Unavailable("it is away", Duration.ofSeconds(2));
        };
    Received answer = file(done);
    assertThat(answer.status()).isEqualTo(503);
    assertThat(answer.header("retry-after")).isEqualTo("2");
  }

  /** The caller must notice, so the connection is closed before the end of the body. */
  @Test
  void aDownloadThatCannotGoOnBreaksOff() throws IOException {
    fill();
    JsonNode done = written(OF_CHAT);
    var reads = new AtomicInteger();
    served.exportStore.beforePart =
        () -> {
          if (reads.incrementAndGet() == 2) {
            boolean _ =
                served.exportStore.delete(
                    Samples.THIS_INSTANCE,
                    ExportId.parse(done.path("exportId").asText()).orElseThrow());
          }
        };
    try (RawConnection connection = new RawConnection(served.port())) {
      connection.send(
          "GET "
              + path(done)
              + "/file HTTP/1.1\r\nHost: localhost\r\nX-API-KEY: "
              + ServedApi.KEY
              + "\r\n\r\n");
      assertThatThrownBy(connection::read).isInstanceOf(IOException.class);
    }
    assertThat(reads).hasValue(2);
  }

  /** Each download holds a part in memory, for as long as its caller takes. */
  @Test
  void tooManyDownloadsOfOneCredentialAreA429() throws Exception {
    fill();
    JsonNode done = written(OF_CHAT);
    var waiting = new CountDownLatch(4);
    var release = new CountDownLatch(1);
    var reads = new ConcurrentHashMap<Thread, Integer>();
    served.exportStore.beforePart =
        () -> {
          // The second read is that of a download that has begun.
          if (reads.merge(Thread.currentThread(), 1, Integer::sum) == 2) {
            waiting.countDown();
            awaited(release);
          }
        };
    List<RawConnection> connections = new ArrayList<>();
    try {
      for (int i = 0; i < 4; i++) {
        var connection = new RawConnection(served.port());
        connections.add(connection);
        connection.send(
            "GET "
                + path(done)
                + "/file HTTP/1.1\r\nHost: localhost\r\nX-API-KEY: "
                + ServedApi.KEY
                + "\r\n\r\n");
      }
      awaited(waiting);
      Received refused = file(done);
      assertThat(refused.status()).isEqualTo(429);
      release.countDown();
      for (RawConnection connection : connections) {
        assertThat(connection.read().status()).isEqualTo(200);
      }
    } finally {
      release.countDown();
      for (RawConnection connection : connections) {
        connection.close();
      }
    }
  }

  private static void awaited(CountDownLatch latch) {
    try {
      if (!latch.await(30, TimeUnit.SECONDS)) {
        throw new AssertionError("it took too long");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }
}
