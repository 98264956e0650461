package io.carechat.rest.events;

import static io.carechat.rest.ServedApi.KEY;
import static io.carechat.rest.ServedApi.PATIENT;
import static io.carechat.rest.ServedApi.messages;
import static io.carechat.rest.events.EventOperationsTest.events;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.carechat.domain.chat.ChatId;
import io.carechat.domain.chat.ExternalId;
import io.carechat.domain.chat.Message;
import io.carechat.domain.chat.MessageText;
import io.carechat.domain.chat.PatientId;
import io.carechat.domain.chat.Samples;
import io.carechat.domain.chat.Sender;
import io.carechat.domain.events.ChatEvent;
import io.carechat.domain.events.LogPosition;
import io.carechat.domain.events.LoggedEvent;
import io.carechat.rest.ServedApi;
import io.carechat.rest.connections.ServerLimits;
import io.carechat.rest.http.LogCapture;
import io.carechat.rest.http.RawConnection;
import io.carechat.rest.http.Received;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Events, streamed. */
final class EventStreamTest {
  private static final String OF_INSTANCE = events(Samples.THIS_INSTANCE) + "/stream";
  private static final String OF_CHAT = events(Samples.THIS_INSTANCE, PATIENT) + "/stream";
  private static final Duration LONG = Duration.ofSeconds(60);

  private ServedApi api = new ServedApi();

  @AfterEach
  void stop() {
    api.close();
  }

  private void start(StreamLimits streams) {
    api.close();
    api = new ServedApi(ServedApi.GENEROUS, ServerLimits.DEFAULT, streams);
  }

  private static String text(StreamClient.Block block) {
    assertThat(block.event()).as(block.text()).isEqualTo("message.sent");
    return block.json().at("/message/message").asText();
  }

  @Test
  void tellsWhatHappensAsItHappens() throws IOException {
    api.sent(messages(), "before");
    try (StreamClient stream = api.stream(OF_INSTANCE, KEY)) {
      StreamClient.Block opened = stream.next();
      assertThat(opened.text()).startsWith("retry: 2000\n");
      assertThat(opened.event()).isEqualTo("stream.opened");
      assertThat(opened.json().path("id").asText()).isEqualTo(opened.id()).isNotEmpty();
      assertThat(opened.json().path("type").asText()).isEqualTo("stream.opened");
      assertThat(opened.json().path("patientId").isNull()).isTrue();

      Received sent = api.post(messages(), "{\"message\":\"two\\nlines\\u2028and a 🎉\"}");
      StreamClient.Block event = stream.event();
      JsonNode json = event.json();
      assertThat(event.event()).isEqualTo("message.sent");
      assertThat(json.path("id").asText()).isEqualTo(event.id());
      assertThat(json.path("type").asText()).isEqualTo("message.sent");
      assertThat(json.path("message")).isEqualTo(sent.json());

      // The same, pulled.
      JsonNode list = api.get(events(Samples.THIS_INSTANCE) + "?after=" + opened.id()).json();
      assertThat(list.path("events")).containsExactly(json);
    }
  }

  @Test
  void tellsAChatItsOwn() throws IOException {
    try (StreamClient partner = api.stream(OF_CHAT, KEY);
        StreamClient patient = api.stream(OF_CHAT, ServedApi.PATIENTS_TOKEN);
        StreamClient nurse = api.stream(OF_CHAT, ServedApi.NURSES_TOKEN)) {
      for (StreamClient stream : List.of(partner, patient, nurse)) {
        assertThat(stream.event().json().path("patientId").asText()).isEqualTo(PATIENT.toString());
      }
      api.sent(ServedApi.newMessages(), "another patient's");
      api.post(
          messages(Samples.OTHER_INSTANCE, PATIENT),
          ServedApi.OTHER_INSTANCE,
          "{\"message\":\"of another instance\"}");
      api.post(
          messages(Samples.OTHER_TENANT, PATIENT),
          ServedApi.OTHER_TENANT,
          "{\"message\":\"of another tenant\"}");
      api.sent(messages(), "their own");
      for (StreamClient stream : List.of(partner, patient, nurse)) {
        assertThat(text(stream.event())).isEqualTo("their own");
      }
    }
  }

  @Test
  void goesOnBehindTheLastEventThatWasSeen() throws IOException {
    var ids = new ArrayList<String>();
    try (StreamClient stream = api.stream(OF_CHAT, KEY)) {
      ids.add(stream.event().id());
      api.sent(messages(), "1");
      ids.add(stream.event().id());
    }
    api.sent(messages(), "2");
    api.sent(messages(), "3");
    for (int from = 0; from < 2; from++) {
      String id = ids.get(from);
      var requests =
          List.of(
              api.request(OF_CHAT, KEY).header("Last-Event-ID", id).build(),
              api.request(OF_CHAT + "?after=" + id, KEY).build(),
              // As an EventSource connects again.
              api.request(OF_CHAT + "?after=0-0", KEY).header("Last-Event-ID", id).build(),
              api.request(OF_CHAT + "?after=now", KEY).header("Last-Event-ID", id).build());
      for (HttpRequest request : requests) {
        try (StreamClient stream = api.stream(request)) {
          assertThat(stream.event().id()).isEqualTo(id);
          for (int i = from + 1; i <= 3; i++) {
            assertThat(text(stream.event())).isEqualTo(String.valueOf(i));
          }
        }
      }
    }
    try (StreamClient stream = api.stream(OF_CHAT + "?after=0-0", KEY)) {
      assertThat(stream.event().id()).isEqualTo("0-0");
      for (int i = 1; i <= 3; i++) {
        assertThat(text(stream.event())).isEqualTo(String.valueOf(i));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"x", "now", "1", "9223372036854775808-1", "1-9223372036854775808"})
  void saysWhatIsWrongWithAnId(String id) {
    for (String path : List.of(OF_INSTANCE, OF_CHAT)) {
      Received answer =
          api.send(api.request(path + "?after=1-1", KEY).header("Last-Event-ID", id).build());
      assertThat(answer.status()).isEqualTo(400);
      assertThat(answer.json().at("/errors/0/parameter").asText()).isEqualTo("Last-Event-ID");
      if (!id.equals("now")) {
        Received after = api.get(path + "?after=" + id);
        assertThat(after.status()).isEqualTo(400);
        assertThat(after.json().at("/errors/0/parameter").asText()).isEqualTo("after");
      }
    }
  }

  @Test
  void showsASignOfLifeWhenNothingHappens() throws IOException {
    start(new StreamLimits(8, 8, 8, 8, Duration.ofMillis(30), LONG, LONG));
    try (StreamClient stream = api.stream(OF_CHAT, KEY)) {
      assertThat(stream.next().event()).isEqualTo("stream.opened");
      for (int i = 0; i < 3; i++) {
        assertThat(stream.next().isComment()).isTrue();
      }
      api.sent(messages(), "hello");
      assertThat(text(stream.event())).isEqualTo("hello");
      assertThat(stream.next().isComment()).isTrue();
    }
  }

  @Test
  void answersHeadAtOnceAndKeepsNoPlaceForIt() throws IOException {
    start(new StreamLimits(1, 1, 1, 1, LONG, LONG, LONG));
    for (int i = 0; i < 3; i++) {
      for (String path : List.of(OF_INSTANCE, OF_CHAT)) {
        Received answer =
            api.send(
                api.request(path, KEY).method("HEAD", HttpRequest.BodyPublishers.noBody()).build());
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.header("Content-Type")).isEqualTo("text/event-stream");
      }
    }
    try (StreamClient stream = api.stream(OF_CHAT, KEY)) {
      assertThat(stream.next().event()).isEqualTo("stream.opened");
    }
  }

  @Test
  void givesThePlaceOfAReaderWhoLeftToAnother() throws IOException {
    start(new StreamLimits(1, 1, 1, 1, Duration.ofMillis(30), LONG, LONG));
    try (var logs = new LogCapture()) {
      try (StreamClient stream = api.stream(OF_CHAT, KEY)) {
        assertThat(stream.next().event()).isEqualTo("stream.opened");
        assertThat(api.get(OF_CHAT).status()).isEqualTo(429);
      }
      // A heartbeat finds that nobody is there.
      await(() ->
          logs.linesOf("io.carechat.access").stream()
              .anyMatch(line ->
                  line.contains("/patients/{patientId}/events/stream status=200 ")
                      && line.contains(" credential=partner-1 ")));
      try (StreamClient stream = api.stream(OF_CHAT, KEY)) {
        assertThat(stream.next().event()).isEqualTo("stream.opened");
      }
      assertThat(logs.linesOf("io.carechat.rest")).isEmpty();
    }
  }

  @Test
  void endsWhenTheServiceStops() throws IOException {
    try (StreamClient stream = api.stream(OF_CHAT, KEY);
        StreamClient other = api.stream(OF_INSTANCE, KEY)) {
      assertThat(stream.next().event()).isEqualTo("stream.opened");
      assertThat(other.next().event()).isEqualTo("stream.opened");
      long start = System.nanoTime();
      api.api.close();
      assertThat(stream.next()).isEqualTo(StreamClient.Block.END);
      assertThat(other.next()).isEqualTo(StreamClient.Block.END);
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(2));
    }
  }

  @Test
  void endsWhenTheCredentialIsOver() throws IOException {
    start(new StreamLimits(8, 8, 8, 8, LONG, LONG, Duration.ofMillis(50)));
    try (StreamClient stream = api.stream(OF_CHAT, ServedApi.READ_ONLY);
        StreamClient other = api.stream(OF_CHAT, KEY)) {
      assertThat(stream.next().event()).isEqualTo("stream.opened");
      assertThat(other.next().event()).isEqualTo("stream.opened");
      assertThat(stream.next().isComment()).isTrue();
      api.keys.remove(ServedApi.READ_ONLY);
      StreamClient.Block last = stream.next();
      while (last.isComment()) {
        last = stream.next();
      }
      assertThat(last).isEqualTo(StreamClient.Block.END);
      assertThat(other.next().isComment()).isTrue();
    }
  }

  /** A credential that lost what it needs for the stream is as good as none. */
  @Test
  void endsWhenTheCredentialCoversItNoLonger() throws IOException {
    start(new StreamLimits(8, 8, 8, 8, LONG, LONG, Duration.ofMillis(50)));
    try (StreamClient stream = api.stream(OF_CHAT, ServedApi.READ_ONLY)) {
      assertThat(stream.next().event()).isEqualTo("stream.opened");
      var sender = api.keys.get(ServedApi.SEND_ONLY);
      assertThat(sender).isNotNull();
      api.keys.put(ServedApi.READ_ONLY, sender);
      StreamClient.Block last = stream.next();
      while (last.isComment()) {
        last = stream.next();
      }
      assertThat(last).isEqualTo(StreamClient.Block.END);
    }
  }

  /**
   * Who takes nothing is disconnected in the end, keeps nobody else waiting meanwhile, and can go
   * on where they were.
   */
  @Test
  void letsGoOfAReaderWhoTakesNothing() throws IOException {
    start(new StreamLimits(8, 8, 8, 8, LONG, Duration.ofMillis(600), LONG));
    String large = "x".repeat(9_900);
    // More than the buffers of both ends' sockets hold.
    int count = 1_200;
    try (var logs = new LogCapture();
        var stuck = new RawConnection(api.port());
        StreamClient other = api.stream(OF_CHAT, KEY)) {
      stuck.send("GET " + OF_CHAT + " HTTP/1.1\r\nHost: x\r\nX-API-KEY: " + KEY + "\r\n\r\n");
      assertThat(other.event().event()).isEqualTo("stream.opened");
      for (int i = 0; i < count; i++) {
        api.sent(messages(), i + " " + large);
      }
      for (int i = 0; i < count; i++) {
        assertThat(text(other.event())).startsWith(i + " ");
      }
      await(() ->
          logs.linesOf("io.carechat.access").stream()
              .anyMatch(line -> line.contains("/patients/{patientId}/events/stream status=200 ")));
      assertThat(logs.linesOf("io.carechat.rest")).isEmpty();
    }
  }

  /**
   * Many who take nothing, of a chat with nothing but the longest messages there may be: what is
   * held for them is measured, all through the time for which they are borne.
   */
  @Test
  void holdsLittleForReadersWhoTakeNothing() throws IOException {
    int readers = 100;
    start(new StreamLimits(readers, readers, readers, readers, LONG, Duration.ofSeconds(10), LONG));
    var reads = new AtomicInteger();
    ChatId chat = new ChatId(Samples.THIS_INSTANCE, new PatientId(PATIENT));
    // Each read gives texts of its own, as a database does, and there is no end of them.
    api.feedOfChats =
        (after, limit) -> {
          reads.incrementAndGet();
          return LongStream.rangeClosed(1, limit)
              .mapToObj(i -> longEvent(chat, after.number() + i))
              .toList();
        };
    var stuck = new ArrayList<RawConnection>();
    try (var logs = new LogCapture()) {
      long before = heapHeld();
      for (int i = 0; i < readers; i++) {
        stuck.add(new RawConnection(api.port(), 4_096));
        stuck
            .getLast()
            .send(
                "GET "
                    + OF_CHAT
                    + "?after=0-0 HTTP/1.1\r\nHost: x\r\nX-API-KEY: "
                    + KEY
                    + "\r\n\r\n");
      }
      long held = Long.MAX_VALUE;
      int readBefore = 0;
      long left = 0;
      long deadline = System.nanoTime() + LONG.toNanos();
      // In the end each reader is dropped, which shows that it was stuck.
      while (left < readers) {
        assertThat(System.nanoTime()).as("in time").isLessThan(deadline);
        int readNow = reads.get();
        if (left == 0 && readNow >= readers && readNow == readBefore) {
          // Nobody has read since the last look, so all readers are stuck. What is still counted
          // beside what they hold is garbage of other threads: the smallest figure has the least.
          held = Math.min(held, heapHeld() - before);
        }
        readBefore = readNow;
        // Nothing else runs while what is held is looked for.
        LockSupport.parkNanos(Duration.ofMillis(250).toNanos());
        left =
            logs.linesOf("io.carechat.access").stream()
                .filter(line -> line.contains("/patients/{patientId}/events/stream status=200 "))
                .count();
      }
      // A batch of a hundred such messages is 2 MB, and 3 MB encoded.
      assertThat(held / readers).isLessThan(400_000);
    } finally {
      for (RawConnection connection : stuck) {
        connection.close();
      }
    }
  }

  private static LoggedEvent longEvent(ChatId chat, long number) {
    return new LoggedEvent(
        new LogPosition(1, number),
        new ChatEvent.MessageSent(
            new Message(
                chat,
                new ExternalId(new UUID(0x7000, number)),
                new Sender.Patient(chat.patient()),
                new MessageText(Character.toString('a' + (int) (number % 26)) + "€".repeat(9_999)),
                Samples.NOON.plusMillis(number))));
  }

  /** What is reachable, in bytes. */
  private static long heapHeld() {
    System.gc();
    return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
  }

  @Test
  void goesOverHttp2Too() throws IOException {
    try (HttpClient http2 = HttpClient.newBuilder().version(HttpClient.Version.HTTP_2).build();
        StreamClient stream = new StreamClient(http2, api.request(OF_CHAT, KEY).GET().build())) {
      assertThat(stream.next().event()).isEqualTo("stream.opened");
      for (int i = 0; i < 3; i++) {
        api.sent(messages(), "hello " + i);
        assertThat(text(stream.event())).isEqualTo("hello " + i);
      }
    }
  }

  @Test
  void keepsAThousandReadersOfAnInstance() throws IOException {
    var streams = new ArrayList<StreamClient>();
    try {
      for (int i = 0; i < 1_000; i++) {
        streams.add(api.stream(OF_INSTANCE, KEY));
      }
      for (StreamClient stream : streams) {
        assertThat(stream.next().event()).isEqualTo("stream.opened");
      }
      for (int i = 0; i < 3; i++) {
        api.sent(ServedApi.newMessages(), "message " + i);
      }
      for (StreamClient stream : streams) {
        for (int i = 0; i < 3; i++) {
          assertThat(text(stream.event())).isEqualTo("message " + i);
        }
      }
    } finally {
      for (StreamClient stream : streams) {
        stream.close();
      }
    }
  }

  private static void await(BooleanSupplier condition) {
    long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as("in time").isLessThan(deadline);
      Thread.onSpinWait();
    }
  }
}
