package io.carechat.webhook;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** A receiver whose handling of connections is written by the test. */
final class RawReceiver implements AutoCloseable {
  /** Handles an accepted connection, which is closed afterwards. */
  @FunctionalInterface
  interface Handler {
    void handle(Socket connection) throws IOException, InterruptedException;
  }

  private final ServerSocket server;
  private final Handler handler;
  private final List<Socket> connections = new CopyOnWriteArrayList<>();
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

  private RawReceiver(ServerSocket server, Handler handler) {
    this.server = server;
    this.handler = handler;
  }

  static RawReceiver listening(Handler handler) throws IOException {
    return listening(new ServerSocket(0, 50, InetAddress.ofLiteral("127.0.0.1")), handler);
  }

  static RawReceiver listening(ServerSocket server, Handler handler) {
    var receiver = new RawReceiver(server, handler);
    receiver.threads.execute(receiver::accept);
    return receiver;
  }

  private void accept() {
    while (!server.isClosed()) {
      try {
        Socket connection = server.accept();
        connections.add(connection);
        threads.execute(() -> serve(connection));
      } catch (IOException closed) {
        return;
      }
    }
  }

  private void serve(Socket connection) {
    try (connection) {
      handler.handle(connection);
    } catch (IOException | InterruptedException over) {
      // The sender has closed the connection, or the test is over. Most handlers end like this.
      return;
    }
  }

  /** Reads a request and returns it as text, one character for each byte. */
  static String request(Socket connection) throws IOException {
    InputStream in = connection.getInputStream();
    var text = new StringBuilder();
    int length = -1;
    while (true) {
      int next = in.read();
      if (next < 0) {
        throw new IOException("The sender has closed the connection.");
      }
      text.append((char) next);
      if (text.toString().endsWith("\r\n\r\n")) {
        String head = text.toString();
        int at = head.indexOf("Content-Length: ") + "Content-Length: ".length();
        length = Integer.parseInt(head.substring(at, head.indexOf('\r', at)));
        break;
      }
    }
    text.append(new String(in.readNBytes(length), ISO_8859_1));
    return text.toString();
  }

  static void write(Socket connection, String text) throws IOException {
    connection.getOutputStream().write(text.getBytes(ISO_8859_1));
    connection.getOutputStream().flush();
  }

  /** Waits until the sender closes the connection or the test is over. */
  static void waitForTheEnd(Socket connection) throws IOException {
    while (connection.getInputStream().read() >= 0) {
      // What is received does not matter.
    }
  }

  int port() {
    return server.getLocalPort();
  }

  String url() {
    return "http://127.0.0.1:" + port() + "/hooks";
  }

  int connections() {
    return connections.size();
  }

  @Override
  public void close() throws IOException {
    server.close();
    for (Socket connection : connections) {
      connection.close();
    }
    threads.shutdownNow();
  }
}
