package io.carechat.domain.webhooks;

import java.net.URI;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Locale;

/**
 * The URL of an endpoint in one form for all ways to write it, as RFC 3986, section 6.2, describes.
 * Two URLs that differ only in the case of the host, a dot at its end, the default port, the form
 * of an IPv6 address, dot segments, or the encoding of plain characters are equal. The query
 * counts: two URLs with different queries are different.
 *
 * @param server the host and the port, such as {@code partner.example:443}
 * @param value the whole URL
 */
record NormalizedUrl(String server, String value) {
  /**
   * Normalises a URL.
   *
   * @param url an address that {@link WebhookSubscription#faultIn} allows
   */
  static NormalizedUrl of(URI url) {
    String scheme = url.getScheme().toLowerCase(Locale.ROOT);
    int defaultPort = scheme.equals("https") ? 443 : 80;
    int port = url.getPort() < 0 ? defaultPort : url.getPort();
    String server = host(url.getHost().toLowerCase(Locale.ROOT)) + ":" + port;
    String query = url.getRawQuery() == null ? "" : "?" + decoded(url.getRawQuery());
    return new NormalizedUrl(
        server,
        scheme
            + "://"
            + server
            + withoutDotSegments(decoded(String.valueOf(url.getRawPath())))
            + query);
  }

  private static String host(String host) {
    if (host.startsWith("[")) {
      return ipv6(host.substring(1, host.length() - 1));
    }
    return host.endsWith(".") ? host.substring(0, host.length() - 1) : host;
  }

  /** Writes all eight parts of an IPv6 address, without leading zeros. */
  private static String ipv6(String text) {
    int gap = text.indexOf("::");
    List<String> before = parts(gap < 0 ? text : text.substring(0, gap));
    List<String> after = parts(gap < 0 ? "" : text.substring(gap + 2));
    var all = new ArrayList<>(before);
    while (gap >= 0 && all.size() + after.size() < 8) {
      all.add("0");
    }
    all.addAll(after);
    return "[" + String.join(":", all) + "]";
  }

  private static List<String> parts(String text) {
    var parts = new ArrayList<String>();
    for (String part : text.split(":", -1)) {
      if (part.indexOf('.') >= 0) {
        int[] bytes = Arrays.stream(part.split("\\.", -1)).mapToInt(Integer::parseInt).toArray();
        parts.add(Integer.toHexString(bytes[0] * 256 + bytes[1]));
        parts.add(Integer.toHexString(bytes[2] * 256 + bytes[3]));
      } else if (!part.isEmpty()) {
        parts.add(part.replaceFirst("^0+(?=.)", ""));
      }
    }
    return parts;
  }

  /** Decodes characters that need no encoding. The hexadecimal digits of others become capitals. */
  private static String decoded(String text) {
    var decoded = new StringBuilder();
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c != '%') {
        decoded.append(c);
        continue;
      }
      String digits = text.substring(i + 1, i + 3);
      char plain = (char) Integer.parseInt(digits, 16);
      if (isUnreserved(plain)) {
        decoded.append(plain);
      } else {
        decoded.append('%').append(digits.toUpperCase(Locale.ROOT));
      }
      i += 2;
    }
    return decoded.toString();
  }

  private static boolean isUnreserved(char c) {
    return (c >= 'a' && c <= 'z')
        || (c >= 'A' && c <= 'Z')
        || (c >= '0' && c <= '9')
        || "-._~".indexOf(c) >= 0;
  }

  private static String withoutDotSegments(String path) {
    Deque<String> segments = new ArrayDeque<>();
    String last = "";
    for (String segment : (path.startsWith("/") ? path.substring(1) : path).split("/", -1)) {
      last = segment;
      if (segment.equals("..")) {
        segments.pollLast();
      } else if (!segment.equals(".")) {
        segments.addLast(segment);
      }
    }
    if (last.equals(".") || last.equals("..")) {
      segments.addLast("");
    }
    return "/" + String.join("/", segments);
  }
}
