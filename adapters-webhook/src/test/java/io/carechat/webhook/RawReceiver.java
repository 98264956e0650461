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

/** A receiver that does to its connections whatever a test wants. */
final class RawReceiver implements AutoCloseable {
  /** What is done to a connection, from its acceptance on; then it is closed. */
  @FunctionalInterface
  interface Conduct {
    void on(Socket connection) throws IOException, InterruptedException;
  }

  private final ServerSocket server;
  private final Conduct conduct;
  private final List<Socket> connections = new CopyOnWriteArrayList<>();
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

  private RawReceiver(ServerSocket server, Conduct conduct) {
    this.server = server;
    this.conduct = conduct;
  }

  static RawReceiver listening(Conduct conduct) throws IOException {
    return listening(new ServerSocket(0, 50, InetAddress.ofLiteral("127.0.0.1")), conduct);
  }

  static RawReceiver listening(ServerSocket server, Conduct conduct) {
    var receiver = new RawReceiver(server, conduct);
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
      conduct.on(connection);
    } catch (IOException | InterruptedException over) {
      // The sender went away, or the test is over: that is how most conducts end.
      return;
    }
  }

  /** Reads a request, and gives it as text. */
  static String request(Socket connection) throws IOException {
    InputStream in = connection.getInputStream();
    var text = new StringBuilder();
    int length = -1;
    while (true) {
      int next = in.read();
      if (next < 0) {
        throw new IOException("The sender went away.");
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

  /** Stays until the sender closes the connection, and no longer than the test. */
  static void waitForTheEnd(Socket connection) throws IOException {
    while (connection.getInputStream().read() >= 0) {
      // Whatever comes.
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
