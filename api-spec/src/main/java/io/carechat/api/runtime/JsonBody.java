package io.carechat.api.runtime;

import io.carechat.api.runtime.RequestRefused.PayloadTooLarge;
import io.carechat.api.runtime.RequestRefused.UnsupportedMediaType;
import io.helidon.common.buffers.DataReader.InsufficientDataAvailableException;
import io.helidon.http.DirectHandler;
import io.helidon.http.HeaderNames;
import io.helidon.http.RequestException;
import io.helidon.http.ServerRequestHeaders;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.ServerRequest;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;

/** Reads the bodies of requests, which are JSON and have a limit. */
public final class JsonBody {
  private static final String JSON = "application/json";
  private static final Pattern UTF_8 = Pattern.compile("(?i)utf-?8|\"utf-?8\"");
  private static final byte[] BYTE_ORDER_MARK = {(byte) 0xef, (byte) 0xbb, (byte) 0xbf};

  private JsonBody() {}

  /**
   * Reads a body.
   *
   * @param limit how many bytes it may have
   * @return its bytes without a byte order mark; none if there is no body
   * @throws RequestRefused if it is longer, or is not declared as uncompressed JSON in UTF-8
   * @throws CloseConnectionException if the caller left before the body had arrived
   */
  public static byte[] read(ServerRequest request, int limit) {
    if (!request.content().hasEntity()) {
      return new byte[0];
    }
    if (request.headers().contentLength().orElse(0) > limit) {
      throw new PayloadTooLarge(limit);
    }
    byte[] bytes;
    boolean json = isPlainJson(request.headers());
    // A chunked body may turn out to be empty. Then its content type does not matter.
    try (InputStream in = request.content().inputStream()) {
      bytes = in.readNBytes(limit + 1);
    } catch (IOException | UncheckedIOException | InsufficientDataAvailableException e) {
      throw new CloseConnectionException("the caller left before its body had arrived", e);
    } catch (NumberFormatException e) {
      // The server's chunk decoder throws this with a message that contains what the caller wrote.
      throw RequestException.builder()
          .type(DirectHandler.EventType.BAD_REQUEST)
          .message("Chunk size is invalid")
          .build();
    }
    if (bytes.length > limit) {
      throw new PayloadTooLarge(limit);
    }
    if (bytes.length > 0 && !json) {
      throw new UnsupportedMediaType();
    }
    return withoutByteOrderMark(bytes);
  }

  /** A byte order mark says only that a body is UTF-8 (RFC 8259, section 8.1). */
  private static byte[] withoutByteOrderMark(byte[] bytes) {
    boolean marked =
        bytes.length >= BYTE_ORDER_MARK.length
            && Arrays.equals(
                bytes, 0, BYTE_ORDER_MARK.length, BYTE_ORDER_MARK, 0, BYTE_ORDER_MARK.length);
    return marked ? Arrays.copyOfRange(bytes, BYTE_ORDER_MARK.length, bytes.length) : bytes;
  }

  private static boolean isPlainJson(ServerRequestHeaders headers) {
    if (headers.contains(HeaderNames.CONTENT_ENCODING)
        && !headers.get(HeaderNames.CONTENT_ENCODING).get().equalsIgnoreCase("identity")) {
      return false;
    }
    List<String> types = headers.all(HeaderNames.CONTENT_TYPE, List::of);
    if (types.size() != 1) {
      return false;
    }
    // The server's own parser tolerates no space before a semicolon, which RFC 9110 allows.
    String[] parts = types.getFirst().split(";", -1);
    return parts[0].strip().equalsIgnoreCase(JSON)
        && Arrays.stream(parts)
            .skip(1)
            .map(part -> part.strip().split("=", 2))
            .filter(part -> part[0].equalsIgnoreCase("charset"))
            .allMatch(part -> part.length == 2 && isUtf8(part[1]));
  }

  /** Returns whether a charset is UTF-8, with or without quotes and the hyphen, in any case. */
  private static boolean isUtf8(String charset) {
    return UTF_8.matcher(charset).matches();
  }
}
