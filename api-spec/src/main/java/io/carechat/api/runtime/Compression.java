package io.carechat.api.runtime;

import io.helidon.http.Header;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.ServerRequestHeaders;
import io.helidon.webserver.http.ServerResponse;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Locale;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;

/**
 * Compresses long bodies with gzip for callers that accept it (RFC 9110, section 12.5.3).
 *
 * <p>The length of a compressed body shows what repeats in it. So a body must not be compressed if
 * it has a secret beside text that somebody else has chosen (the attack BREACH). {@link ApiRoutes}
 * has the list of operations whose responses may be compressed.
 */
public final class Compression {
  /** Shorter bodies are not compressed: they fit into one packet anyway. */
  public static final int MIN_LENGTH = 1_024;

  private static final Header GZIP =
      HeaderValues.createCached(HeaderNames.CONTENT_ENCODING, "gzip");
  private static final Header VARY = HeaderValues.createCached(HeaderNames.VARY, "Accept-Encoding");

  private Compression() {}

  /** A body as it is sent. */
  public static final class Body {
    private final byte[] bytes;
    private final boolean isCompressed;
    private final boolean mayVary;

    private Body(byte[] bytes, boolean isCompressed, boolean mayVary) {
      this.bytes = bytes;
      this.isCompressed = isCompressed;
      this.mayVary = mayVary;
    }

    /** Returns what is sent. It must not be changed. */
    public byte[] bytes() {
      return bytes;
    }

    /** Returns whether {@link #bytes} are compressed. */
    public boolean isCompressed() {
      return isCompressed;
    }

    /** Makes a body that is never compressed. */
    public static Body plain(byte[] bytes) {
      return new Body(bytes, false, false);
    }

    /** Sets the headers that describe the body. Call it at the last moment before sending. */
    public void describe(ServerResponse response) {
      if (mayVary) {
        response.headers().add(VARY);
      }
      if (isCompressed) {
        response.headers().set(GZIP);
      }
    }
  }

  /**
   * Returns a body as a caller accepts it, compressed if it is long enough and that makes it
   * shorter.
   */
  public static Body of(ServerRequestHeaders request, byte[] bytes) {
    if (bytes.length < MIN_LENGTH) {
      return Body.plain(bytes);
    }
    return accepts(request)
        ? choose(request, bytes, compress(bytes, Deflater.BEST_SPEED))
        : new Body(bytes, false, true);
  }

  /**
   * Returns the same for a body that was compressed before.
   *
   * @param compressed the result of {@link #compressWell}
   */
  public static Body choose(ServerRequestHeaders request, byte[] bytes, byte[] compressed) {
    boolean isShorter = compressed.length < bytes.length;
    return isShorter && accepts(request)
        ? new Body(compressed, true, true)
        : new Body(bytes, false, isShorter);
  }

  /** Compresses as well as possible, which takes a while: for what is sent many times. */
  public static byte[] compressWell(byte[] bytes) {
    return compress(bytes, Deflater.BEST_COMPRESSION);
  }

  private static byte[] compress(byte[] bytes, int level) {
    var out = new ByteArrayOutputStream(bytes.length / 3);
    try (var gzip =
        new GZIPOutputStream(out) {
          {
            def.setLevel(level);
          }
        }) {
      gzip.write(bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }

  /** Returns whether gzip, or else any coding, is named with a weight that is not 0. */
  static boolean accepts(ServerRequestHeaders request) {
    if (!request.contains(HeaderNames.ACCEPT_ENCODING)) {
      return false;
    }
    boolean any = false;
    for (String value : request.all(HeaderNames.ACCEPT_ENCODING, List::of)) {
      for (String item : value.toLowerCase(Locale.ROOT).split(",", -1)) {
        String[] parts = item.split(";", 2);
        boolean isWanted = parts.length == 1 || hasWeight(parts[1].strip());
        switch (parts[0].strip()) {
          case "gzip", "x-gzip" -> {
            return isWanted;
          }
          case "*" -> any = isWanted;
          default -> {
            // Another coding.
          }
        }
      }
    }
    return any;
  }

  /** Returns whether a weight, such as {@code q=0.5}, is well-formed and not 0. */
  private static boolean hasWeight(String weight) {
    return weight.matches("q\\s*=\\s*(1(\\.0{0,3})?|0\\.(?!0{1,3}$)[0-9]{1,3})");
  }
}
