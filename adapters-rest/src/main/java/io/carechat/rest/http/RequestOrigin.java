package io.carechat.rest.http;

import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.ServerRequestHeaders;
import java.net.URI;
import java.util.List;
import java.util.Locale;

/**
 * Finds out whether a browser sends a request for a page of the service itself, or for one of
 * another site. All browsers of today say so in {@code Sec-Fetch-Site} (Fetch Metadata Request
 * Headers), older ones in {@code Origin} (RFC 6454), which they leave out of most requests that
 * change nothing. Immutable.
 */
final class RequestOrigin {
  private static final HeaderName FETCH_SITE = HeaderNames.create("Sec-Fetch-Site");

  private final String own;

  /** Where a request comes from. */
  enum Kind {
    /** From a page of the service. */
    OWN,
    /** From a page of another origin, even of the same site. */
    FOREIGN,
    /** The request does not say, or the person has typed the address. */
    UNKNOWN
  }

  /**
   * @param publicUrl where browsers reach the service
   */
  RequestOrigin(URI publicUrl) {
    this.own = originOf(publicUrl);
  }

  /** Returns the origin of an address as browsers write it. */
  private static String originOf(URI url) {
    String scheme = url.getScheme().toLowerCase(Locale.ROOT);
    boolean isUsualPort = url.getPort() == (scheme.equals("https") ? 443 : 80);
    return scheme
        + "://"
        + url.getHost().toLowerCase(Locale.ROOT)
        + (url.getPort() < 0 || isUsualPort ? "" : ":" + url.getPort());
  }

  /** Returns where a request comes from. */
  Kind of(ServerRequestHeaders headers) {
    List<String> sites = headers.all(FETCH_SITE, List::of);
    if (!sites.isEmpty()) {
      return sites.stream()
          .map(RequestOrigin::ofSite)
          .reduce((one, other) -> one == other ? one : Kind.FOREIGN)
          .orElse(Kind.UNKNOWN);
    }
    List<String> origins = headers.all(HeaderNames.ORIGIN, List::of);
    if (origins.isEmpty()) {
      return Kind.UNKNOWN;
    }
    return origins.equals(List.of(own)) ? Kind.OWN : Kind.FOREIGN;
  }

  private static Kind ofSite(String site) {
    return switch (site) {
      case "same-origin" -> Kind.OWN;
      case "none" -> Kind.UNKNOWN;
      default -> Kind.FOREIGN;
    };
  }
}
