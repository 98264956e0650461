package io.carechat.rest.console;

import io.carechat.rest.http.Responses;
import io.helidon.http.Header;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The files of the page, from this package in the jar. Each is read when it is first asked for.
 * Safe for use by many threads.
 */
final class ConsoleFiles {
  /** A name without hidden files, and at most in one folder. */
  private static final Pattern NAME =
      Pattern.compile("([a-z0-9-]+/)?[A-Za-z0-9_-]+(\\.[A-Za-z0-9_-]+)*\\.(?<type>[a-z0-9]+)");

  private static final Map<String, Header> TYPES =
      Map.of(
          "js", type("text/javascript; charset=utf-8"),
          "css", type("text/css; charset=utf-8"),
          "json", Responses.JSON,
          "svg", type("image/svg+xml"),
          "png", type("image/png"),
          "ico", type("image/vnd.microsoft.icon"),
          "woff2", type("font/woff2"));

  private static final Pattern BASE = Pattern.compile("<base href=\"[^\"]*\"");

  private final Map<String, Responses.Revalidated> files = new ConcurrentHashMap<>();

  private static Header type(String name) {
    return HeaderValues.createCached(HeaderNames.CONTENT_TYPE, name);
  }

  /** Returns a file. The result is empty if there is none, or if it is not for browsers. */
  Optional<Responses.Revalidated> find(String name) {
    Responses.Revalidated kept = files.get(name);
    if (kept != null) {
      return Optional.of(kept);
    }
    Matcher matcher = NAME.matcher(name);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    Header type = TYPES.get(matcher.group("type"));
    if (type == null) {
      return Optional.empty();
    }
    // Only files that exist are kept, so their number is bounded.
    Optional<Responses.Revalidated> found =
        read(name).map(content -> new Responses.Revalidated(type, content));
    found.ifPresent(file -> files.put(name, file));
    return found;
  }

  /**
   * Returns the page itself.
   *
   * @param basePath what its relative addresses are below, with a slash at the end
   * @throws IllegalStateException if it does not say where that belongs
   */
  static Responses.Stored page(String basePath) {
    String html =
        read("index.html")
            .map(content -> new String(content, StandardCharsets.UTF_8))
            .orElseThrow(() -> new IllegalStateException("there is no index.html"));
    Matcher base = BASE.matcher(html);
    if (!base.find()) {
      throw new IllegalStateException("index.html has no <base href=\"…\">");
    }
    String attribute = basePath.replace("&", "&amp;").replace("\"", "&quot;");
    String complete =
        html.substring(0, base.start())
            + "<base href=\""
            + attribute
            + "\""
            + html.substring(base.end());
    return new Responses.Stored(Responses.HTML, complete.getBytes(StandardCharsets.UTF_8));
  }

  private static Optional<byte[]> read(String name) {
    try (InputStream in = ConsoleFiles.class.getResourceAsStream(name)) {
      return in == null ? Optional.empty() : Optional.of(in.readAllBytes());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
