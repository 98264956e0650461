package io.carechat.rest.http;

import io.carechat.api.runtime.Compression;
import io.carechat.api.runtime.ResponseBody;
import io.carechat.rest.connections.ConnectionMonitor;
import io.carechat.rest.connections.ExchangeMemory;
import io.helidon.http.Header;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.Method;
import io.helidon.http.Status;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;

/**
 * Writes responses whose body is an array of bytes. The response to HEAD has only the headers of
 * the response to GET.
 */
public final class Responses {
  /** The content type of JSON. */
  public static final Header JSON =
      HeaderValues.createCached(HeaderNames.CONTENT_TYPE, "application/json");

  /** The content type of problems (RFC 9457). */
  static final Header PROBLEM =
      HeaderValues.createCached(HeaderNames.CONTENT_TYPE, "application/problem+json");

  /** The content type of YAML. */
  public static final Header YAML =
      HeaderValues.createCached(HeaderNames.CONTENT_TYPE, "application/yaml");

  /** The content type of HTML in UTF-8. */
  public static final Header HTML =
      HeaderValues.createCached(HeaderNames.CONTENT_TYPE, "text/html; charset=utf-8");

  /** The content type of plain text in UTF-8. */
  public static final Header TEXT =
      HeaderValues.createCached(HeaderNames.CONTENT_TYPE, "text/plain; charset=utf-8");

  /** The content type of the Prometheus text format 0.0.4. */
  public static final Header METRICS =
      HeaderValues.createCached(
          HeaderNames.CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8");

  private static final int SMALL = ExchangeMemory.BASE / 4;

  private Responses() {}

  /**
   * Sends a response. If it is not small and there is no memory for it, the exchange ends without a
   * response.
   *
   * @param status the HTTP status
   * @param contentType such as one of the headers of this class
   * @param body the body; for HEAD, only its length is sent
   */
  public static void send(
      ServerRequest request, ServerResponse response, int status, Header contentType, byte[] body) {
    send(request, response, status, contentType, Compression.Body.plain(body));
  }

  /** Something that is sent many times: as it is, and compressed. */
  public static final class Stored {
    private final Header contentType;
    private final byte[] plain;
    private final byte[] compressed;

    /**
     * @param contentType one of the headers of this class
     * @param content the body, which must not change any more
     */
    public Stored(Header contentType, byte[] content) {
      this.contentType = contentType;
      this.plain = content;
      this.compressed = Compression.compressWell(content);
    }

    /** Sends it with the status 200, as {@link Responses#send} does. */
    public void send(ServerRequest request, ServerResponse response) {
      Responses.send(
          request,
          response,
          200,
          contentType,
          Compression.choose(request.headers(), plain, compressed));
    }
  }

  /** Something that browsers keep, and ask before they use it whether it is still the same. */
  public static final class Revalidated {
    private static final Header NO_CACHE =
        HeaderValues.createCached(HeaderNames.CACHE_CONTROL, "no-cache");

    private final Header contentType;
    private final byte[] plain;
    private final byte[] compressed;
    private final String tag;

    /**
     * @param contentType the content type
     * @param content the body, which must not change any more
     */
    public Revalidated(Header contentType, byte[] content) {
      this.contentType = contentType;
      this.plain = content;
      this.compressed = Compression.compressWell(content);
      this.tag = tag(content);
    }

    private static String tag(byte[] content) {
      try {
        return Base64.getUrlEncoder()
            .withoutPadding()
            .encodeToString(MessageDigest.getInstance("SHA-256").digest(content));
      } catch (NoSuchAlgorithmException e) {
        throw new IllegalStateException("every Java has SHA-256", e);
      }
    }

    /**
     * Sends it with the status 200, or a 304 to callers who have it (RFC 9110, sections 13.1.2 and
     * 15.4.5). What is compressed has a tag of its own, because its bytes are others.
     */
    public void send(ServerRequest request, ServerResponse response) {
      Compression.Body chosen = Compression.choose(request.headers(), plain, compressed);
      String own = "\"" + tag + (chosen.isCompressed() ? "-gzip\"" : "\"");
      response.headers().set(NO_CACHE);
      response.headers().set(HeaderNames.ETAG, own);
      if (isKnown(request, own)) {
        chosen.describe(response);
        response.headers().remove(HeaderNames.CONTENT_ENCODING);
        response.status(Status.NOT_MODIFIED_304).send();
      } else {
        Responses.send(request, response, 200, contentType, chosen);
      }
    }

    private static boolean isKnown(ServerRequest request, String own) {
      return request.headers().all(HeaderNames.IF_NONE_MATCH, List::of).stream()
          .flatMap(value -> Arrays.stream(value.split(",", -1)))
          .map(String::strip)
          .anyMatch(tag -> tag.equals("*") || tag.equals(own) || tag.equals("W/" + own));
    }
  }

  private static void send(
      ServerRequest request,
      ServerResponse response,
      int status,
      Header contentType,
      Compression.Body chosen) {
    byte[] body = chosen.bytes();
    response.status(status);
    response.headers().set(contentType);
    chosen.describe(response);
    if (request.prologue().method().equals(Method.HEAD)) {
      response.headers().contentLength(body.length);
      response.send();
    } else {
      ConnectionMonitor.Exchange exchange = ConnectionMonitor.CURRENT.get();
      // What an exchange holds anyway is enough for a small response.
      if (body.length > SMALL && !exchange.hold(body.length)) {
        throw exchange.reset();
      }
      exchange.write(() -> ResponseBody.write(request, response, body));
    }
  }
}
