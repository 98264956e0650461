package io.carechat.bootstrap;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.regex.Pattern;

/** Which web addresses an OpenID provider may have. */
final class OpenIdAddresses {
  private static final Pattern LOOPBACK =
      Pattern.compile("localhost|127(\\.[0-9]{1,3}){3}|\\[::1]");

  private OpenIdAddresses() {}

  /**
   * Returns whether a provider can have this identifier: a URL without a query and a fragment
   * (OpenID Connect Discovery 1.0, section 3) that is {@linkplain #isProtected protected}.
   */
  static boolean isIssuer(String text) {
    try {
      var url = new URI(text);
      return isProtected(url) && url.getRawQuery() == null;
    } catch (URISyntaxException e) {
      return false;
    }
  }

  /**
   * Returns whether nobody on the way can read or change what is sent to an address: it is HTTPS,
   * or HTTP to this machine. It has neither a user nor a fragment.
   */
  static boolean isProtected(URI url) {
    String host = url.getHost();
    return host != null
        && url.getRawUserInfo() == null
        && url.getRawFragment() == null
        && ("https".equals(url.getScheme())
            || ("http".equals(url.getScheme()) && LOOPBACK.matcher(host).matches()));
  }

  /** The address of a provider's metadata (OpenID Connect Discovery 1.0, section 4). */
  static URI metadataOf(String issuer) {
    String folder = issuer.endsWith("/") ? issuer : issuer + "/";
    return URI.create(folder + ".well-known/openid-configuration");
  }
}
