package io.carechat.contracttests.generated;

import io.carechat.api.checked.RequestDraft;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** A request as it is sent, in which anything may be written. Its fields can be changed. */
final class WireRequest {
  String method;
  String path;
  final List<String> query = new ArrayList<>();
  final List<Header> headers = new ArrayList<>();
  byte[] body;

  /**
   * The number of bytes in each chunk of the body. With 0, the body is sent with its length
   * instead.
   */
  int chunk;

  /** Whether the request is sent in pieces, with a little time between them. */
  boolean slow;

  /** Whether the caller closes the connection before the body is complete. */
  boolean leavesEarly;

  /** A header. Each character of its value is a byte. */
  record Header(String name, String value) {}

  WireRequest(RequestDraft draft) {
    method = draft.method();
    String[] target = draft.target().split("\\?", 2);
    path = target[0];
    if (target.length == 2) {
      query.addAll(List.of(target[1].split("&", -1)));
    }
    List<String> given = draft.headers();
    for (int i = 0; i < given.size(); i += 2) {
      headers.add(new Header(given.get(i), given.get(i + 1)));
    }
    body = draft.body();
  }

  String target() {
    return path + (query.isEmpty() ? "" : "?" + String.join("&", query));
  }

  /** Replaces all headers of this name with one header. */
  void header(String name, String value) {
    headers.removeIf(header -> header.name().equalsIgnoreCase(name));
    headers.add(new Header(name, value));
  }

  Map<String, List<String>> headersByName() {
    Map<String, List<String>> byName = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    headers.forEach(header ->
        byName.computeIfAbsent(header.name(), name -> new ArrayList<>()).add(header.value()));
    return byName;
  }

  byte[] bytes() {
    StringBuilder head = new StringBuilder();
    head.append(method).append(' ').append(target()).append(" HTTP/1.1\r\nHost: localhost\r\n");
    headers.forEach(
        header -> head.append(header.name()).append(": ").append(header.value()).append("\r\n"));
    var bytes = new ByteArrayOutputStream();
    if (chunk > 0) {
      bytes.writeBytes(ascii(head + "Transfer-Encoding: chunked\r\n\r\n"));
      for (int at = 0; at < body.length; at += chunk) {
        int length = Math.min(chunk, body.length - at);
        bytes.writeBytes(ascii(Integer.toHexString(length) + "\r\n"));
        bytes.write(body, at, length);
        bytes.writeBytes(ascii("\r\n"));
      }
      bytes.writeBytes(ascii("0\r\n\r\n"));
    } else {
      bytes.writeBytes(ascii(head + "Content-Length: " + body.length + "\r\n\r\n"));
      bytes.writeBytes(body);
    }
    byte[] all = bytes.toByteArray();
    return leavesEarly && body.length > 0 ? java.util.Arrays.copyOf(all, all.length - 1) : all;
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  /**
   * The request as it is sent, without its credential. It is cut to the length that people read.
   */
  @Override
  public String toString() {
    StringBuilder shown = new StringBuilder();
    for (byte b : bytes()) {
      char c = (char) (b & 0xff);
      shown.append(
          c == '\n' || (c >= ' ' && c < 0x7f)
              ? String.valueOf(c)
              : c == '\r' ? "" : String.format("\\x%02x", (int) c));
      if (shown.length() > 4_000) {
        return credentialLess(shown.append("... (" + bytes().length + " bytes)").toString());
      }
    }
    return credentialLess(shown.toString());
  }

  private static String credentialLess(String text) {
    return text.replaceAll("(?i)(x-api-key|authorization): [^\n]*", "$1: ...");
  }
}
