package io.carechat.api.runtime;

import io.helidon.webserver.http.RoutingResponse;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;

/** Writes the body of a response that is complete in memory. */
public final class ResponseBody {
  private static final int PIECE = 16_384;

  private ResponseBody() {}

  /**
   * Writes a body and ends the response.
   *
   * <p>With HTTP/2, Helidon copies whatever it is given, and copies the rest again whenever the
   * caller allows a few more bytes to be sent. So a long body is given to it in pieces of {@value
   * #PIECE} bytes.
   *
   * @param body the bytes, which must not change any more
   */
  public static void write(ServerRequest request, ServerResponse response, byte[] body) {
    if (body.length <= PIECE || request.prologue().protocolVersion().startsWith("1")) {
      response.send(body);
      return;
    }
    response.headers().contentLength(body.length);
    try (OutputStream out = response.outputStream()) {
      for (int from = 0; from < body.length; from += PIECE) {
        out.write(body, from, Math.min(PIECE, body.length - from));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    if (response instanceof RoutingResponse routed) {
      routed.commit();
    }
  }
}
