package io.carechat.rest.http;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** A connection on which anything can be sent. Reading gives up after a minute. */
public final class RawConnection implements AutoCloseable {
  private final Socket socket;
  private final InputStream in;
  private final OutputStream out;

  public RawConnection(int port) throws IOException {
    this(port, 0);
  }

  /**
   * @param receiveBuffer how much the system keeps of what is not read, about, in bytes; 0 for what
   *     it usually does, which may be many megabytes
   */
  public RawConnection(int port, int receiveBuffer) throws IOException {
    this("127.0.0.1", port, receiveBuffer);
  }

  /**
   * @param from an address of this machine to connect from
   */
  public RawConnection(String from, int port, int receiveBuffer) throws IOException {
    socket = new Socket();
    socket.bind(new InetSocketAddress(from, 0));
    if (receiveBuffer > 0) {
      socket.setReceiveBufferSize(receiveBuffer);
    }
    socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    socket.setSoTimeout(60_000);
    socket.setTcpNoDelay(true);
    in = socket.getInputStream();
    out = socket.getOutputStream();
  }

  public RawConnection send(String text) throws IOException {
    return send(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  public RawConnection send(byte[] bytes) throws IOException {
    out.write(bytes);
    out.flush();
    return this;
  }

  /** Reads an answer with a length. */
  public Received read() throws IOException {
    return read(true);
  }

  /** Reads the answer to HEAD. */
  public Received readHead() throws IOException {
    return read(false);
  }

  private Received read(boolean withBody) throws IOException {
    String statusLine = line();
    if (!statusLine.startsWith("HTTP/1.1 ")) {
      throw new IOException("no answer but: " + statusLine);
    }
    int status = Integer.parseInt(statusLine.substring(9, 12));
    Map<String, List<String>> headers = new TreeMap<>();
    for (String line = line(); !line.isEmpty(); line = line()) {
      int colon = line.indexOf(':');
      headers
          .computeIfAbsent(
              line.substring(0, colon).toLowerCase(Locale.ROOT), _ -> new ArrayList<>())
          .add(line.substring(colon + 1).trim());
    }
    int length =
        withBody && status >= 200
            ? Integer.parseInt(headers.getOrDefault("content-length", List.of("0")).getFirst())
            : 0;
    byte[] body = in.readNBytes(length);
    if (body.length < length) {
      throw new IOException("the body was cut off");
    }
    return new Received(status, headers, body);
  }

  /** Whether the other side ends the connection, having sent nothing more. */
  public boolean isEnded() throws IOException {
    try {
      return in.read() < 0;
    } catch (java.net.SocketException e) {
      return true;
    }
  }

  /** Reads a line of UTF-8 without its end. */
  public String readLine() throws IOException {
    return new String(line().getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
  }

  /** Reads exactly so many bytes. */
  public byte[] readBytes(int count) throws IOException {
    byte[] bytes = in.readNBytes(count);
    if (bytes.length < count) {
      throw new IOException("ended");
    }
    return bytes;
  }

  private String line() throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (int b = in.read(); b != '\n'; b = in.read()) {
      if (b < 0) {
        throw new IOException("ended");
      }
      if (b != '\r') {
        line.write(b);
      }
    }
    return line.toString(StandardCharsets.ISO_8859_1);
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
