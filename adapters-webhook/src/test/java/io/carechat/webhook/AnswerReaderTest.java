package io.carechat.webhook;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.carechat.webhook.AnswerReader.Answer;
import java.io.ByteArrayInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class AnswerReaderTest {
  private static final int LIMIT = 64 * 1024;

  private static Answer read(String bytes) throws IOException, CallFailed {
    return read(new ByteArrayInputStream(bytes.getBytes(UTF_8)));
  }

  private static Answer read(InputStream in) throws IOException, CallFailed {
    return new AnswerReader(in, LIMIT).read();
  }

  /** Gives a byte at a time, as a network may, and counts them. */
  private static final class Dribble extends FilterInputStream {
    private int count;

    Dribble(byte[] bytes) {
      super(new ByteArrayInputStream(bytes));
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
      int read = super.read(buffer, offset, Math.min(1, length));
      count += Math.max(0, read);
      return read;
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
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n2;a=b\r\nhe\r\n0003 \r\nllo\r\n000\r\nX-Trailer: 1\r\n\r\n",
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
      })
  void readsAnswersToTheirEnd(String bytes) throws Exception {
    assertThat(read(bytes)).isEqualTo(new Answer(200, null, "hello", true));
    assertThat(read(new Dribble(bytes.getBytes(UTF_8))))
        .isEqualTo(new Answer(200, null, "hello", true));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: identity\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhelloHTTP/1.1 200 OK\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 9\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"
      })
  void neverUsesAConnectionAgainThatMightHaveMoreOfAnAnswer(String bytes) throws Exception {
    assertThat(read(bytes)).isEqualTo(new Answer(200, null, "hello", false));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "HTTP/1.1 204 No Content\r\n\r\n",
        "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n",
        "HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n"
      })
  void knowsAnswersWithoutABody(String bytes) throws Exception {
    assertThat(read(bytes).complete()).isTrue();
    assertThat(read(bytes).firstBytes()).isEmpty();
  }

  @Test
  void takesSwitchingProtocolsAsAnAnswerAndNeverUsesItsConnectionAgain() throws Exception {
    assertThat(read("HTTP/1.1 101 Switching\r\nUpgrade: x\r\n\r\n"))
        .isEqualTo(new Answer(101, null, "", false));
  }

  @Test
  void givesRetryAfterAsItCame() throws Exception {
    assertThat(
            read("HTTP/1.1 429 Slow\r\nRETRY-AFTER:  17 \r\nContent-Length: 0\r\n\r\n")
                .retryAfter())
        .isEqualTo("17");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "\r\n",
        "hello\r\n\r\n",
        "HTTP/2 200 OK\r\n\r\n",
        "HTTP/1.1 20 OK\r\n\r\n",
        "HTTP/1.1 2000 OK\r\n\r\n",
        "HTTP/1.1 099 OK\r\n\r\n",
        "HTTP/1.1 200OK\r\n\r\n",
        "HTTP/1.1  200 OK\r\n\r\n",
        "HTTP/1.1 200 OK",
        "HTTP/1.1 200 OK\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell",
        "HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\nContent-Length: 5, 5\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
        "HTTP/1.1 200 OK\r\n: no name\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nhello\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-5\r\nhello\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfffffffff\r\nhello",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n",
        "HTTP/1.1 100 Continue\r\n\r\n"
      })
  void refusesWhatIsNotAWholeAnswer(String bytes) {
    assertThatThrownBy(() -> read(bytes)).isInstanceOf(CallFailed.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "HTTP/1.1 200 OK\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 999999999999999999\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffff\r\n"
      })
  void readsNoMoreThanTheLimitOfALongBodyAndKnowsTheAnswer(String head) throws Exception {
    byte[] bytes = (head + "x".repeat(200_000)).getBytes(UTF_8);
    var in = new Dribble(bytes);

    assertThat(read(in)).isEqualTo(new Answer(200, null, "x".repeat(1_000), false));
    assertThat(in.count).isEqualTo(LIMIT);
    assertThat(read(new ByteArrayInputStream(bytes)).status()).isEqualTo(200);
  }

  @Test
  void readsManySmallChunksUpToTheLimit() throws Exception {
    String head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    assertThat(read(head + "1\r\nx\r\n".repeat(99_999)))
        .isEqualTo(new Answer(200, null, "x".repeat(1_000), false));
    assertThat(read(head + "0\r\n" + "A: b\r\n".repeat(99_999)))
        .isEqualTo(new Answer(200, null, "", false));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"HTTP/1.1 200 ", "HTTP/1.1 200 OK\r\nX: ", "HTTP/1.1 200 OK\r\nX: y\r\nZ: "})
  void readsNoMoreThanTheLimitOfAnEndlessHead(String head) {
    var in = new Dribble((head + "x".repeat(200_000)).getBytes(UTF_8));

    assertThatThrownBy(() -> read(in))
        .isInstanceOf(CallFailed.class)
        .hasMessage("the answer's head is longer than 65536 bytes");
    assertThat(in.count).isEqualTo(LIMIT);
  }

  @Test
  void readsNoMoreThanTheLimitOfEndlessInterimAnswers() {
    assertThatThrownBy(() -> read("HTTP/1.1 100 Continue\r\n\r\n".repeat(99_999)))
        .isInstanceOf(CallFailed.class);
  }

  @Test
  void keepsOfTheBodyWhatCanBeStoredAndShown() throws Exception {
    String text = "a\u0000b\u001b[31mc\r\nd\te\u0085";
    assertThat(read("HTTP/1.1 500 x\r\n\r\n" + text).firstBytes())
        .isEqualTo("a\uFFFDb\uFFFD[31mc\uFFFD\nd\te\uFFFD");
    assertThat(
            read(new ByteArrayInputStream(
                    "HTTP/1.1 500 x\r\n\r\n\u00e9\u00ff".getBytes(ISO_8859_1)))
                .firstBytes())
        .isEqualTo("\uFFFD\uFFFD");
    assertThat(read("HTTP/1.1 500 x\r\n\r\n" + "x".repeat(999) + "🎉").firstBytes())
        .isEqualTo("x".repeat(999));
    assertThat(read("HTTP/1.1 500 x\r\n\r\n" + "🎉".repeat(2_000)).firstBytes())
        .isEqualTo("🎉".repeat(500));
  }

  @Test
  void bearsAnyBytes() throws IOException {
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
    int answered = 0;
    int failed = 0;
    for (int i = 0; i < 20_000; i++) {
      var text = new StringBuilder(random.nextInt(3) > 0 ? "HTTP/1.1 200 OK\r\n" : "");
      int count = random.nextInt(12);
      for (int part = 0; part < count; part++) {
        text.append(parts[random.nextInt(parts.length)]);
      }
      try {
        Answer answer = read(text.toString());
        assertThat(answer.status()).isBetween(100, 999);
        assertThat(answer.firstBytes()).hasSizeLessThanOrEqualTo(1_000);
        answered++;
      } catch (CallFailed expected) {
        assertThat(expected.reason()).startsWith("the ");
        failed++;
      }
    }
    assertThat(answered).isGreaterThan(1_000);
    assertThat(failed).isGreaterThan(1_000);
  }
}
