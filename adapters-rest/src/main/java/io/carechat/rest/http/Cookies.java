package io.carechat.rest.http;

import io.helidon.http.HeaderNames;
import io.helidon.http.ServerRequestHeaders;
import io.helidon.http.SetCookie;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * The cookies of the page for people. Browsers keep a cookie whose name begins with {@code __Host-}
 * only if this very host has set it with TLS, so that no other host of the domain can plant one
 * (RFC 6265bis, section 4.1.3).
 */
public final class Cookies {
  /** The token of a session. It is sent along with requests of the service's own pages only. */
  public static final String SESSION = "__Host-carechat";

  /** What is needed to end a sign-in that has begun. */
  public static final String LOGIN = "__Host-carechat-login";

  private static final Duration LOGIN_LIFETIME = Duration.ofMinutes(10);

  private Cookies() {}

  /**
   * Returns the values of all cookies of a name. Names are compared as they are written. Other
   * applications on the same host may have cookies of any form, which do not matter.
   */
  public static List<String> values(ServerRequestHeaders headers, String name) {
    var values = new ArrayList<String>();
    // With HTTP/2 each cookie may have a header of its own (RFC 9113, section 8.2.3).
    for (String header : headers.all(HeaderNames.COOKIE, List::of)) {
      for (String pair : header.split(";", -1)) {
        int equals = pair.indexOf('=');
        if (equals > 0 && pair.substring(0, equals).strip().equals(name)) {
          values.add(pair.substring(equals + 1).strip());
        }
      }
    }
    return values;
  }

  /**
   * Makes the cookie of a session. The browser forgets it when it is closed. Requests that another
   * site has caused do not have it.
   */
  public static SetCookie session(String token) {
    return cookie(SESSION, token).sameSite(SetCookie.SameSite.STRICT).build();
  }

  /**
   * Makes the cookie of a sign-in that has begun. The identity provider sends the browser back, so
   * it must come along with a navigation that another site has caused.
   */
  public static SetCookie login(String value) {
    return cookie(LOGIN, value).sameSite(SetCookie.SameSite.LAX).maxAge(LOGIN_LIFETIME).build();
  }

  /** Makes a cookie that removes the one of this name. Helidon writes no {@code Max-Age} of 0. */
  public static SetCookie removed(String name) {
    return cookie(name, "").sameSite(SetCookie.SameSite.STRICT).expires(Instant.EPOCH).build();
  }

  private static SetCookie.Builder cookie(String name, String value) {
    return SetCookie.builder(name, value).path("/").secure(true).httpOnly(true);
  }
}
