package io.carechat.webhook;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.carechat.domain.chat.ManualClock;
import io.carechat.domain.chat.Samples;
import io.carechat.domain.webhooks.WebhookAnswer;
import io.carechat.webhook.WebhookConnections.IdleLimits;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the sender makes of the bytes of a response, right or wrong. */
final class WebhookResponseTest {
  private static final int LIMIT = 64 * 1024;

  private final HttpWebhookSender sender = sender();

  private static HttpWebhookSender sender() {
    try {
      return new HttpWebhookSender(
          new HttpWebhookSender.Settings(
              new AddressPolicy(true, List.of(AllowedNetwork.open("127.0.0.1/32"))),
              Duration.ofSeconds(10),
              Duration.ofSeconds(20),
              LIMIT),
          SSLContext.getDefault(),
          new ManualClock(Samples.NOON),
          InetAddress::getAllByName,
          IdleLimits.DEFAULT);
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }

  @AfterEach
  void close() {
    sender.close();
  }

  /** How a response is written. */
  @FunctionalInterface
  private interface Writing {
    void to(Socket connection) throws IOException, InterruptedException;
  }

  private static Writing atOnce(String response) {
    return connection -> {
      connection.getOutputStream().write(response.getBytes(UTF_8));
      connection.getOutputStream().flush();
    };
  }

  /** A byte at a time, as a network may deliver them. */
  private static Writing byteByByte(String response) {
    return connection -> {
      connection.setTcpNoDelay(true);
      OutputStream out = connection.getOutputStream();
      for (byte next : response.getBytes(UTF_8)) {
        out.write(next);
        out.flush();
      }
    };
  }

  /** Then nothing more will come, but the receiver still reads. */
  private static Writing andHalfClosed(Writing response) {
    return connection -> {
      response.to(connection);
      connection.shutdownOutput();
    };
  }

  private static WebhookAnswer.Answered answered(WebhookAnswer answer, int status, String body) {
    assertThat(answer).isEqualTo(new WebhookAnswer.Answered(status, null, body, answer.took()));
    return (WebhookAnswer.Answered) answer;
  }

  private static String reason(WebhookAnswer answer) {
    assertThat(answer).isInstanceOf(WebhookAnswer.Failed.class);
    return ((WebhookAnswer.Failed) answer).reason();
  }

  private WebhookAnswer send(RawReceiver receiver) {
    return sender.send(Deliveries.endpoint(receiver.url()), Deliveries.delivery());
  }

  /** Sends one request, to a receiver that responds so and leaves the connection open. */
  private WebhookAnswer sendOnce(Writing response) throws IOException {
    try (RawReceiver receiver =
        RawReceiver.listening(connection -> {
          RawReceiver.request(connection);
          response.to(connection);
          RawReceiver.waitForTheEnd(connection);
        })) {
      return send(receiver);
    }
  }

  /** Sends three requests one after the other, and returns how many connections they needed. */
  private int connectionsOfThree(Writing response, int status, String body) throws IOException {
    var repeated = new AtomicInteger();
    try (RawReceiver receiver =
        RawReceiver.listening(connection -> {
          RawReceiver.request(connection);
          response.to(connection);
          while (true) {
            RawReceiver.request(connection);
            repeated.incrementAndGet();
            response.to(connection);
          }
        })) {
      for (int i = 0; i < 3; i++) {
        answered(send(receiver), status, body);
      }
      assertThat(receiver.connections() + repeated.get()).isEqualTo(3);
      return receiver.connections();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
        "HTTP/1.1 200\r\ncontent-length:5\r\n\r\nhello",
        "HTTP/1.1 200 \nContent-Length:   5  \n\nhello",
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\nConnection: keep-alive\r\nContent-Length: 5\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\nX-Space-Before-Colon : 1\r\nContent-Length: 5\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n2;a=b\r\nhe\r\n0003 \r\nllo\r\n000\r\nX-Trailer: 1\r\n\r\n",
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
      })
  void readsResponsesToTheirEndAndUsesTheConnectionAgain(String response) throws Exception {
    assertThat(connectionsOfThree(atOnce(response), 200, "hello")).isEqualTo(1);
    assertThat(connectionsOfThree(byteByByte(response), 200, "hello")).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello",
        "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 5\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\nConnection: keep-alive\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhelloHTTP/1.1 200 OK\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 9\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"
      })
  void neverUsesAConnectionAgainThatMightHaveMoreOfAResponse(String response) throws Exception {
    assertThat(connectionsOfThree(atOnce(response), 200, "hello")).isEqualTo(3);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "HTTP/1.1 200 OK\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: identity\r\n\r\nhello"
      })
  void neverUsesAConnectionAgainWhoseEndIsThatOfTheBody(String response) throws Exception {
    assertThat(connectionsOfThree(andHalfClosed(atOnce(response)), 200, "hello")).isEqualTo(3);
    assertThat(connectionsOfThree(andHalfClosed(byteByByte(response)), 200, "hello")).isEqualTo(3);
  }

  @ParameterizedTest
  @CsvSource({
    "204, 'HTTP/1.1 204 No Content\r\n\r\n'",
    "304, 'HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n'",
    "500, 'HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n'"
  })
  void knowsResponsesWithoutABody(int status, String response) throws Exception {
    assertThat(connectionsOfThree(atOnce(response), status, "")).isEqualTo(1);
  }

  @Test
  void takesSwitchingProtocolsAsAResponseAndNeverUsesItsConnectionAgain() throws Exception {
    assertThat(connectionsOfThree(atOnce("HTTP/1.1 101 Switching\r\nUpgrade: x\r\n\r\n"), 101, ""))
        .isEqualTo(3);
  }

  @Test
  void readsRetryAfterWhateverItsCaseAndSpaces() throws Exception {
    WebhookAnswer answer =
        sendOnce(atOnce("HTTP/1.1 429 Slow\r\nRETRY-AFTER:  17 \r\nContent-Length: 0\r\n\r\n"));

    assertThat(answer)
        .isEqualTo(new WebhookAnswer.Answered(429, Duration.ofSeconds(17), "", answer.took()));
  }

  @ParameterizedTest
  @CsvSource({
    "'', the connection was closed without an answer",
    "'\r\n', the answer's head is malformed",
    "'\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n', the answer's head is malformed",
    "'hello\r\n\r\n', the answer is not HTTP/1.1",
    "'HTTP/2 200 OK\r\n\r\n', the answer is not HTTP/1.1",
    "'HTTP/1.2 200 OK\r\n\r\n', the answer is not HTTP/1.1",
    "'HTTP/1.1 20 OK\r\n\r\n', the answer is not HTTP/1.1",
    "'HTTP/1.1 2000 OK\r\n\r\n', the answer is not HTTP/1.1",
    "'HTTP/1.1 099 OK\r\n\r\n', the answer is not HTTP/1.1",
    "'HTTP/1.1 200OK\r\n\r\n', the answer is not HTTP/1.1",
    "'HTTP/1.1  200 OK\r\n\r\n', the answer is not HTTP/1.1",
    "'HTTP/1.1 200 OK', the answer broke off",
    "'HTTP/1.1 200 OK\r\n', the answer broke off",
    "'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n', the answer broke off",
    "'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell', the answer broke off",
    "'HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nhello', the answer's length is malformed",
    "'HTTP/1.1 200 OK\r\nContent-Length: 5, 5\r\n\r\nhello', the answer's length is malformed",
    "'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello', the answer's length is malformed",
    "'HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\nhello', the answer's length is malformed",
    "'HTTP/1.1 200 OK\r\nno colon\r\n\r\n', the answer's head is malformed",
    "'HTTP/1.1 200 OK\r\n: no name\r\n\r\n', the answer's head is malformed",
    "'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nhello\r\n', the answer's chunks are malformed",
    "'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello0\r\n\r\n', the answer's chunks are malformed",
    "'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-5\r\nhello\r\n', the answer's chunks are malformed",
    "'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\r\nhello\r\n', the answer's chunks are malformed",
    "'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfffffffff\r\nhello', the answer broke off",
    "'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n', the answer broke off",
    "'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello', the answer broke off",
    "'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n', the answer broke off",
    "'HTTP/1.1 100 Continue\r\n\r\n', the answer broke off"
  })
  void refusesWhatIsNotACompleteResponse(String response, String reason) throws Exception {
    assertThat(reason(sendOnce(andHalfClosed(atOnce(response))))).isEqualTo(reason);
    assertThat(reason(sendOnce(andHalfClosed(byteByByte(response))))).isEqualTo(reason);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "HTTP/1.1 200 OK\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 999999999999999999\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffff\r\n"
      })
  void readsNoMoreThanTheLimitOfALongBodyAndTakesTheResponse(String head) throws Exception {
    // Exactly as much as the limit, so that reading on would wait until the call is too late.
    Writing upToTheLimit = atOnce(head + "x".repeat(LIMIT - head.length()));
    assertThat(connectionsOfThree(upToTheLimit, 200, "x".repeat(1_000))).isEqualTo(3);
    Writing beyond = byteByByte(head + "x".repeat(LIMIT + 1 - head.length()));
    assertThat(connectionsOfThree(beyond, 200, "x".repeat(1_000))).isEqualTo(3);
    Writing farBeyond = atOnce(head + "x".repeat(200_000));
    assertThat(connectionsOfThree(farBeyond, 200, "x".repeat(1_000))).isEqualTo(3);
  }

  @ParameterizedTest
  @CsvSource({"0, 1", "1, 3"})
  void countsTheHeadAndTheBodyTogether(int beyondTheLimit, int connections) throws Exception {
    String head = "HTTP/1.1 200 OK\r\nContent-Length: ";
    int length = LIMIT - head.length() - 9 + beyondTheLimit;
    String response = head + length + "\r\n\r\n" + "x".repeat(length);
    assertThat(response).hasSize(LIMIT + beyondTheLimit);

    assertThat(connectionsOfThree(atOnce(response), 200, "x".repeat(1_000))).isEqualTo(connections);
  }

  @Test
  void readsManySmallChunksUpToTheLimit() throws Exception {
    String head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    answered(sendOnce(atOnce(head + "1\r\nx\r\n".repeat(99_999))), 200, "x".repeat(1_000));
    answered(sendOnce(atOnce(head + "0\r\n" + "A: b\r\n".repeat(99_999))), 200, "");
  }

  @Test
  void acceptsAnyHeadWithinTheLimit() throws Exception {
    String end = "Content-Length: 0\r\n\r\n";
    answered(sendOnce(atOnce("HTTP/1.1 200 OK\r\n" + "A: b\r\n".repeat(4_998) + end)), 200, "");
    answered(sendOnce(atOnce("HTTP/1.1 200 " + "x".repeat(60_000) + "\r\n" + end)), 200, "");
    answered(
        sendOnce(atOnce("HTTP/1.1 200 OK\r\nX: " + "x".repeat(60_000) + "\r\n" + end)), 200, "");
  }

  /** Each header needs much more memory than it has bytes. */
  @Test
  void refusesAHeadWithTooManyHeaders() throws Exception {
    String head = "HTTP/1.1 200 OK\r\n" + "A:\r\n".repeat(5_000);
    assertThat(reason(sendOnce(atOnce(head + "Content-Length: 0\r\n\r\n"))))
        .isEqualTo("the answer's head is malformed");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "HTTP/1.1 200 ",
        "HTTP/1.1 200 OK\r\nX: ",
        "HTTP/1.1 200 OK\r\nX: y\r\nZ: ",
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nX: "
      })
  void readsNoMoreThanTheLimitOfAnEndlessHead(String head) throws Exception {
    for (int length : List.of(LIMIT, LIMIT + 1, 200_000)) {
      assertThat(reason(sendOnce(atOnce(head + "x".repeat(length - head.length())))))
          .isEqualTo("the answer's head is longer than 65536 bytes");
    }
  }

  @Test
  void readsNoMoreThanTheLimitOfEndlessInterimResponses() throws Exception {
    assertThat(reason(sendOnce(atOnce("HTTP/1.1 100 Continue\r\n\r\n".repeat(99_999)))))
        .isEqualTo("the answer's head is longer than 65536 bytes");
  }

  @Test
  void keepsOfTheBodyWhatCanBeStoredAndShown() throws Exception {
    assertThat(bodyOf("a\u0000b\u001b[31mc\r\nd\te\u0085".getBytes(UTF_8)))
        .isEqualTo("a\uFFFDb\uFFFD[31mc\uFFFD\nd\te\uFFFD");
    assertThat(bodyOf("\u00e9\u00ff".getBytes(ISO_8859_1))).isEqualTo("\uFFFD\uFFFD");
    // Code points count, as everywhere in the contract.
    assertThat(bodyOf(("x".repeat(999) + "🎉y").getBytes(UTF_8))).isEqualTo("x".repeat(999) + "🎉");
    assertThat(bodyOf("🎉".repeat(2_000).getBytes(UTF_8))).isEqualTo("🎉".repeat(1_000));
  }

  private String bodyOf(byte[] body) throws IOException {
    WebhookAnswer answer =
        sendOnce(connection -> {
          RawReceiver.write(connection, "HTTP/1.1 500 x\r\n\r\n");
          connection.getOutputStream().write(body);
          connection.shutdownOutput();
        });
    assertThat(answer).isInstanceOf(WebhookAnswer.Answered.class);
    return ((WebhookAnswer.Answered) answer).firstBytes();
  }

  @Test
  void takesAResponseThatComesBeforeTheRequestWasRead() throws Exception {
    var answered = new CountDownLatch(1);
    try (RawReceiver receiver =
        RawReceiver.listening(connection -> {
          RawReceiver.write(connection, "HTTP/1.1 413 Too Long\r\nContent-Length: 2\r\n\r\nno");
          boolean _ = answered.await(10, TimeUnit.SECONDS);
        })) {
      WebhookAnswer answer =
          sender.send(Deliveries.endpoint(receiver.url()), Deliveries.delivery("x".repeat(10_000)));
      answered.countDown();
      answered(answer, 413, "no");
    }
  }

  @Test
  void toleratesAnyBytes() throws Exception {
    var random = new Random(1);
    String[] parts = {
      "HTTP/1.1 200 OK\r\n",
      "HTTP/1.1 ",
      "Content-Length: 7\r\n",
      "Transfer-Encoding: chunked\r\n",
      "\r\n",
      "\n",
      ":",
      "5",
      "0\r\n",
      "ffffffff\r\n",
      "\u0000",
      "é",
      "🎉",
      "x"
    };
    var next = new AtomicReference<>("");
    int answered = 0;
    int failed = 0;
    try (RawReceiver receiver =
        RawReceiver.listening(connection -> {
          andHalfClosed(atOnce(next.get())).to(connection);
          connection.getInputStream().transferTo(OutputStream.nullOutputStream());
        })) {
      for (int i = 0; i < 20_000; i++) {
        var text = new StringBuilder(random.nextInt(3) > 0 ? "HTTP/1.1 200 OK\r\n" : "");
        int count = random.nextInt(12);
        for (int part = 0; part < count; part++) {
          text.append(parts[random.nextInt(parts.length)]);
        }
        next.set(text.toString());
        switch (send(receiver)) {
          case WebhookAnswer.Answered answer -> {
            assertThat(answer.status()).isBetween(100, 999);
            assertThat(answer.firstBytes()).hasSizeLessThanOrEqualTo(1_000);
            answered++;
          }
          case WebhookAnswer.Failed failure -> {
            assertThat(failure.reason()).startsWith("the ");
            failed++;
          }
        }
      }
    }
    assertThat(answered).isGreaterThan(1_000);
    assertThat(failed).isGreaterThan(1_000);
  }
}
