package io.carechat.contracttests.generated;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;

/**
 * Sends a request without any change, on a new connection, and reads the whole answer. Of a stream,
 * it reads up to the end of the first event.
 */
final class WireClient {
  /** Longer than 30 seconds, because the service may hold an answer back for that time. */
  private static final int PATIENCE_MILLIS = 45_000;

  private static final int MOST_OF_A_STREAM = 65_536;
  private static final int PIECES = 20;
  private static final long BETWEEN_PIECES_NANOS = 5_000_000;

  private WireClient() {}

  /** An answer. */
  static final class Answer {
    final int status;
    final Map<String, List<String>> headers;
    final byte[] body;

    private Answer(int status, Map<String, List<String>> headers, byte[] body) {
      this.status = status;
      this.headers = headers;
      this.body = body;
    }

    /** Whether the answer has the beginning of a stream of events. */
    boolean isStream() {
      return body.length > 0
          && headers
              .getOrDefault("Content-Type", List.of(""))
              .getFirst()
              .startsWith("text/event-stream");
    }

    /** The {@code data} of the first event of a stream. */
    byte[] firstData() {
      return new String(body, StandardCharsets.UTF_8)
          .lines()
          .filter(line -> line.startsWith("data: "))
          .findFirst()
          .orElseThrow(() -> new IllegalStateException("The first event has no data"))
          .substring("data: ".length())
          .getBytes(StandardCharsets.UTF_8);
    }
  }

  /**
   * Exchanges one request.
   *
   * @return the answer; empty if the connection was closed without one
   * @throws IOException if the answer was incomplete, or did not come in time
   */
  static Optional<Answer> exchange(int port, WireRequest request) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.setSoTimeout(PATIENCE_MILLIS);
      socket.setTcpNoDelay(true);
      try {
        write(socket.getOutputStream(), request);
        if (request.leavesEarly) {
          socket.shutdownOutput();
        }
      } catch (SocketException e) {
        // The service has read enough, and may have said why.
      }
      InputStream in = socket.getInputStream();
      String first;
      try {
        first = line(in);
      } catch (SocketException e) {
        return Optional.empty();
      }
      return first.isEmpty() ? Optional.empty() : Optional.of(read(first, in, request.method));
    }
  }

  private static void write(OutputStream out, WireRequest request) throws IOException {
    byte[] bytes = request.bytes();
    int piece = request.slow ? Math.max(1, bytes.length / PIECES) : bytes.length;
    for (int at = 0; at < bytes.length; at += piece) {
      if (at > 0) {
        LockSupport.parkNanos(BETWEEN_PIECES_NANOS);
      }
      out.write(bytes, at, Math.min(piece, bytes.length - at));
      out.flush();
    }
  }

  private static Answer read(String first, InputStream in, String method) throws IOException {
    if (!first.matches("HTTP/1\\.1 [1-5][0-9][0-9] .*")) {
      throw new IOException("No answer of HTTP/1.1, but: " + first);
    }
    int status = Integer.parseInt(first.substring(9, 12));
    Map<String, List<String>> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    for (String line = line(in); !line.isEmpty(); line = line(in)) {
      int colon = line.indexOf(':');
      headers
          .computeIfAbsent(line.substring(0, colon), name -> new ArrayList<>())
          .add(line.substring(colon + 1).trim());
    }
    if (!method.equals("HEAD") && headers.containsKey("Transfer-Encoding")) {
      return new Answer(status, headers, firstEvent(in));
    }
    int length =
        method.equals("HEAD") || status == 204
            ? 0
            : Integer.parseInt(headers.getOrDefault("Content-Length", List.of("0")).getFirst());
    byte[] body = in.readNBytes(length);
    if (body.length < length) {
      throw new IOException("The answer's body was cut off");
    }
    return new Answer(status, headers, body);
  }

  /** Reads the chunks of a stream up to the first one that ends with the end of an event. */
  private static byte[] firstEvent(InputStream in) throws IOException {
    var events = new ByteArrayOutputStream();
    while (!events.toString(StandardCharsets.UTF_8).endsWith("\n\n")) {
      int length = Integer.parseInt(line(in), 16);
      byte[] chunk = in.readNBytes(length);
      if (length == 0 || chunk.length < length || !line(in).isEmpty()) {
        throw new IOException("The stream ended before its first event did");
      }
      events.writeBytes(chunk);
      if (events.size() > MOST_OF_A_STREAM) {
        throw new IOException("The stream has no event in its first " + events.size() + " bytes");
      }
    }
    return events.toByteArray();
  }

  /** Reads a line without its end. It is empty at the end of the input, too. */
  private static String line(InputStream in) throws IOException {
    var line = new ByteArrayOutputStream();
    for (int b = in.read(); b >= 0 && b != '\n'; b = in.read()) {
      if (b != '\r') {
        line.write(b);
      }
    }
    return line.toString(StandardCharsets.ISO_8859_1);
  }
}
