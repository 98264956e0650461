package io.carechat.webhook;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;

/**
 * A connection to an endpoint.
 *
 * @param socket below TLS; closing it ends whatever is being read or written, at once
 */
record Connection(Socket socket, InputStream in, OutputStream out) {
  /** Where it leads: what may share a connection. */
  record Origin(boolean tls, String host, int port) {}

  /** Ends it without further words. */
  void close() {
    closeQuietly(socket);
  }

  static void closeQuietly(Socket socket) {
    try {
      socket.close();
    } catch (IOException alreadyBroken) {
      // It was to be closed, and is.
      return;
    }
  }
}
