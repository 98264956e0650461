package io.carechat.webhook;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads one answer in HTTP/1.1 (RFC 9112), and never more than a limit of bytes: an answer whose
 * head fits counts, however long its body is. Time is not its concern: whoever reads closes the
 * connection from another thread.
 */
final class AnswerReader {
  /**
   * An answer.
   *
   * @param retryAfter the field's value as it came; null if there was none
   * @param firstBytes the beginning of the body, at most {@value #KEPT_CHARACTERS} characters that
   *     can all be stored
   * @param complete whether it was read to its end and the connection can be used again
   */
  record Answer(int status, @Nullable String retryAfter, String firstBytes, boolean complete) {}

  private static final int KEPT_CHARACTERS = 1_000;
  private static final int KEPT_BYTES = 4 * KEPT_CHARACTERS;
  private static final int END = -1;
  private static final int LIMIT_REACHED = -2;
  private static final Pattern STATUS_LINE =
      Pattern.compile("HTTP/1\\.([01]) ([1-9][0-9]{2})( .*)?");
  private static final Pattern LENGTH = Pattern.compile("[0-9]{1,18}");
  private static final Pattern CHUNK_SIZE = Pattern.compile("([0-9a-fA-F]{1,8})[ \\t]*(;.*)?");

  private final InputStream in;
  private final int limit;
  private final byte[] buffer = new byte[8_192];
  private int position;
  private int end;
  private int received;
  private final ByteArrayOutputStream kept = new ByteArrayOutputStream();

  /**
   * @param limit how many bytes are read at most
   */
  AnswerReader(InputStream in, int limit) {
    this.in = in;
    this.limit = limit;
  }

  /** Whether anything came. */
  boolean hasBegun() {
    return received > 0;
  }

  /** What of a head matters here. */
  private static final class Head {
    private final int status;
    private boolean keepsAlive;
    private @Nullable String retryAfter;
    private @Nullable String length;
    private @Nullable String transferEncoding;

    Head(int status, boolean keepsAlive) {
      this.status = status;
      this.keepsAlive = keepsAlive;
    }

    boolean hasBody() {
      return status >= 200 && status != 204 && status != 304;
    }
  }

  /**
   * Reads the answer, with the interim ones before it.
   *
   * @throws IOException if the connection breaks
   * @throws CallFailed if it is not HTTP, or ends before it should
   */
  Answer read() throws IOException, CallFailed {
    Head head = head();
    while (head.status < 200 && head.status != 101) {
      head = head();
    }
    boolean complete = !head.hasBody() || body(head);
    boolean reusable = complete && head.keepsAlive && head.status != 101 && position == end;
    return new Answer(head.status, head.retryAfter, beginning(), reusable);
  }

  private Head head() throws IOException, CallFailed {
    Matcher statusLine = STATUS_LINE.matcher(headLine());
    if (!statusLine.matches()) {
      throw new CallFailed("the answer is not HTTP/1.1");
    }
    var head = new Head(Integer.parseInt(statusLine.group(2)), "1".equals(statusLine.group(1)));
    for (String line = headLine(); !line.isEmpty(); line = headLine()) {
      int colon = line.indexOf(':');
      if (colon < 1) {
        throw new CallFailed("the answer's head is malformed");
      }
      field(head, line.substring(0, colon), line.substring(colon + 1).strip());
    }
    return head;
  }

  private static void field(Head head, String name, String value) throws CallFailed {
    switch (name.toLowerCase(Locale.ROOT)) {
      case "retry-after" -> head.retryAfter = value;
      case "connection" -> {
        if (!"keep-alive".equalsIgnoreCase(value)) {
          head.keepsAlive = false;
        }
      }
      case "transfer-encoding" -> head.transferEncoding = value.toLowerCase(Locale.ROOT);
      case "content-length" -> {
        if (!LENGTH.matcher(value).matches()
            || (head.length != null && !head.length.equals(value))) {
          throw new CallFailed("the answer's length is malformed");
        }
        head.length = value;
      }
      default -> {
        // Nothing else matters here.
      }
    }
  }

  /** Reads the body; false if it does not end where its connection could be used again. */
  private boolean body(Head head) throws IOException, CallFailed {
    if (head.transferEncoding != null) {
      // A length beside it is an attempt at confusion: then the connection is not used again.
      return "chunked".equals(head.transferEncoding)
          ? chunks() && head.length == null
          : untilTheEnd();
    }
    if (head.length != null) {
      return bytes(Long.parseLong(head.length));
    }
    return untilTheEnd();
  }

  private boolean untilTheEnd() throws IOException {
    int next = next();
    while (next >= 0) {
      keep(next);
      next = next();
    }
    return false;
  }

  /** Reads so many bytes of the body; false if the limit comes first. */
  private boolean bytes(long count) throws IOException, CallFailed {
    for (long i = 0; i < count; i++) {
      int next = next();
      if (next == LIMIT_REACHED) {
        return false;
      }
      keep(orBrokenOff(next));
    }
    return true;
  }

  private boolean chunks() throws IOException, CallFailed {
    while (true) {
      String sizeLine = line();
      if (sizeLine == null) {
        return false;
      }
      Matcher size = CHUNK_SIZE.matcher(sizeLine);
      if (!size.matches()) {
        throw new CallFailed("the answer's chunks are malformed");
      }
      long length = Long.parseLong(size.group(1), 16);
      if (length == 0) {
        return trailers();
      }
      if (!bytes(length)) {
        return false;
      }
      String lineEnd = line();
      if (lineEnd == null) {
        return false;
      }
      if (!lineEnd.isEmpty()) {
        throw new CallFailed("the answer's chunks are malformed");
      }
    }
  }

  private boolean trailers() throws IOException, CallFailed {
    String line = line();
    while (line != null && !line.isEmpty()) {
      line = line();
    }
    return line != null;
  }

  private String headLine() throws IOException, CallFailed {
    String line = line();
    if (line == null) {
      throw new CallFailed("the answer's head is longer than " + limit + " bytes");
    }
    return line;
  }

  /** A line without its end; null if the limit comes first. */
  private @Nullable String line() throws IOException, CallFailed {
    var line = new ByteArrayOutputStream(64);
    while (true) {
      int next = next();
      if (next == LIMIT_REACHED) {
        return null;
      }
      if (orBrokenOff(next) == '\n') {
        String text = line.toString(ISO_8859_1);
        return text.endsWith("\r") ? text.substring(0, text.length() - 1) : text;
      }
      line.write(next);
    }
  }

  private int orBrokenOff(int next) throws CallFailed {
    if (next == END) {
      throw new CallFailed(
          hasBegun() ? "the answer broke off" : "the connection was closed without an answer");
    }
    return next;
  }

  private int next() throws IOException {
    if (position == end) {
      if (received == limit) {
        return LIMIT_REACHED;
      }
      int count = in.read(buffer, 0, Math.min(buffer.length, limit - received));
      if (count < 0) {
        return END;
      }
      received += count;
      position = 0;
      end = count;
    }
    return buffer[position++] & 0xff;
  }

  private void keep(int next) {
    if (kept.size() < KEPT_BYTES) {
      kept.write(next);
    }
  }

  /** What is kept of the body, without what a database could not store or a terminal would obey. */
  private String beginning() {
    String text = kept.toString(UTF_8);
    int length = Math.min(text.length(), KEPT_CHARACTERS);
    if (length > 0 && Character.isHighSurrogate(text.charAt(length - 1))) {
      length--;
    }
    return printable(text.substring(0, length));
  }

  /** Others' text with every control character replaced. */
  static String printable(String text) {
    var printable = new StringBuilder(text.length());
    text.chars()
        .map(c -> Character.isISOControl(c) && c != '\n' && c != '\t' ? '\uFFFD' : c)
        .forEach(c -> printable.append((char) c));
    return printable.toString();
  }
}
