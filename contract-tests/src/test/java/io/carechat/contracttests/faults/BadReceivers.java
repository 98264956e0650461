package io.carechat.contracttests.faults;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;

/** Receivers that do everything wrong. They use plain sockets. */
final class BadReceivers implements AutoCloseable {
  private static final LongAdder NONE = new LongAdder();
  private static final Duration SLOW = Duration.ofSeconds(3);

  /** What a receiver does wrong. */
  enum Kind {
    SLOW,
    HANGING,
    RESETTING,
    SILENT,
    ERROR_500,
    TOO_MANY_429,
    GONE_410,
    REDIRECTING,
    ENDLESS,
    NO_SUCH_NAME,
    REFUSING
  }

  private final Map<Kind, ServerSocket> listeners = new EnumMap<>(Kind.class);
  private final Map<Kind, LongAdder> calls = new ConcurrentHashMap<>();
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private final AtomicInteger followed = new AtomicInteger();
  private final int refusingPort;

  BadReceivers() {
    for (Kind kind : EnumSet.complementOf(EnumSet.of(Kind.NO_SUCH_NAME, Kind.REFUSING))) {
      ServerSocket listener = listener();
      listeners.put(kind, listener);
      var _ = Thread.ofVirtual().start(() -> accept(kind, listener));
    }
    ServerSocket nobody = listener();
    refusingPort = nobody.getLocalPort();
    closeQuietly(nobody);
  }

  private static ServerSocket listener() {
    try {
      return new ServerSocket(0, 1_000, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The address of an endpoint of a kind. */
  URI url(Kind kind, String id) {
    return URI.create(
        switch (kind) {
          case NO_SUCH_NAME -> "http://" + id + ".invalid/";
          case REFUSING -> "http://127.0.0.1:" + refusingPort + "/" + id;
          default -> {
            int port = Objects.requireNonNull(listeners.get(kind)).getLocalPort();
            yield "http://127.0.0.1:" + port + "/" + id;
          }
        });
  }

  /** The number of calls that the receivers of a kind got. */
  long calls(Kind kind) {
    return calls.getOrDefault(kind, NONE).sum();
  }

  /** The number of calls that followed a redirect. It must be zero. */
  int followed() {
    return followed.get();
  }

  private void accept(Kind kind, ServerSocket listener) {
    try {
      while (true) {
        Socket socket = listener.accept();
        open.add(socket);
        var _ = Thread.ofVirtual().start(() -> serve(kind, socket));
      }
    } catch (IOException closed) {
      // The listener was closed.
    }
  }

  private void serve(Kind kind, Socket socket) {
    try (socket) {
      while (readRequest(socket.getInputStream())) {
        calls.computeIfAbsent(kind, first -> new LongAdder()).increment();
        if (!answer(kind, socket)) {
          return;
        }
      }
    } catch (IOException gone) {
      // The sender closed the connection.
    } finally {
      open.remove(socket);
    }
  }

  /**
   * Reads a request to the end of its body, whose length is given. Returns false if no further
   * request came.
   */
  private boolean readRequest(InputStream in) throws IOException {
    var head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      int c = in.read();
      if (c < 0) {
        return false;
      }
      head.append((char) c);
    }
    String text = head.toString();
    if (text.startsWith("POST /followed")) {
      followed.incrementAndGet();
    }
    int length =
        Arrays.stream(text.split("\r\n"))
            .filter(line -> line.regionMatches(true, 0, "content-length:", 0, 15))
            .mapToInt(line -> Integer.parseInt(line.substring(15).strip()))
            .findFirst()
            .orElse(0);
    return in.readNBytes(length).length == length;
  }

  /** Sends an answer. Returns whether the connection may be used again. */
  private boolean answer(Kind kind, Socket socket) throws IOException {
    OutputStream out = socket.getOutputStream();
    switch (kind) {
      case SLOW -> {
        LockSupport.parkNanos(SLOW.toNanos());
        send(out, "204 No Content", "");
      }
      case HANGING -> {
        // Waits until the sender closes the connection.
        int _ = socket.getInputStream().read();
        return false;
      }
      case RESETTING -> {
        socket.setSoLinger(true, 0);
        return false;
      }
      case SILENT -> {
        return false;
      }
      case ERROR_500 -> send(out, "500 Internal Server Error", "Content-Length: 0\r\n");
      case TOO_MANY_429 ->
          send(out, "429 Too Many Requests", "Content-Length: 0\r\nRetry-After: 1\r\n");
      case GONE_410 -> send(out, "410 Gone", "Content-Length: 0\r\n");
      case REDIRECTING ->
          send(
              out,
              "307 Temporary Redirect",
              "Content-Length: 0\r\nLocation: " + url(Kind.ERROR_500, "followed") + "\r\n");
      case ENDLESS -> {
        send(out, "500 Internal Server Error", "Transfer-Encoding: chunked\r\n");
        byte[] chunk = ("400\r\n" + "x".repeat(1_024) + "\r\n").getBytes(StandardCharsets.US_ASCII);
        while (true) {
          out.write(chunk);
        }
      }
      case NO_SUCH_NAME, REFUSING -> throw new AssertionError("Nobody listens there");
    }
    return true;
  }

  private static void send(OutputStream out, String status, String headers) throws IOException {
    out.write(
        ("HTTP/1.1 " + status + "\r\n" + headers + "\r\n").getBytes(StandardCharsets.US_ASCII));
    out.flush();
  }

  private static void closeQuietly(AutoCloseable closeable) {
    try {
      closeable.close();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    listeners.values().forEach(BadReceivers::closeQuietly);
    open.forEach(BadReceivers::closeQuietly);
  }
}
