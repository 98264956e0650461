package io.carechat.domain.webhooks;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Finds out why a text cannot be the URL of an endpoint. Every result is the end of a sentence that
 * begins with the parameter's name. It names what is wrong, and repeats nothing of the URL.
 */
final class WebhookUrlRules {
  private static final Pattern PORT = Pattern.compile("[0-9]{1,5}");
  private static final int LONGEST_LABEL = 63;
  private static final int LONGEST_HOST = 253;

  private WebhookUrlRules() {}

  /** Returns why a text is not a URL at all, or why such a URL cannot be called. */
  static Optional<String> faultIn(String text) {
    try {
      return faultIn(new URI(text));
    } catch (URISyntaxException e) {
      String reason =
          e.getReason().substring(0, 1).toLowerCase(Locale.ROOT) + e.getReason().substring(1);
      return Optional.of(
          "must be a URL as defined in RFC 3986: "
              + reason
              + (e.getIndex() < 0 ? "" : " at character " + (e.getIndex() + 1)));
    }
  }

  /** Returns why a URL cannot be called, whatever its host is. */
  static Optional<String> faultIn(URI url) {
    String scheme = url.getScheme();
    if (scheme == null || !(scheme.equalsIgnoreCase("http") || scheme.equalsIgnoreCase("https"))) {
      return Optional.of("must begin with https:// (or http://, if the operator allows it)");
    }
    String authority = url.getRawAuthority();
    if (authority == null) {
      return Optional.of("must have a host after https://");
    }
    if (authority.indexOf('@') >= 0) {
      return Optional.of("must not have user information, which is the part before @");
    }
    if (url.getRawFragment() != null) {
      return Optional.of("must not have a fragment, which is the part from # on");
    }
    int bracket = authority.lastIndexOf(']');
    int colon = authority.indexOf(':', Math.max(bracket, 0));
    String port = colon < 0 ? "" : authority.substring(colon + 1);
    if (!port.isEmpty() && !isPort(port)) {
      return Optional.of("must have a port from 1 to 65535, or none");
    }
    String host = colon < 0 ? authority : authority.substring(0, colon);
    if (host.isEmpty()) {
      return Optional.of("must have a host after https://");
    }
    return host.startsWith("[")
        ? Optional.empty()
        : faultInName(host)
            .or(() ->
                url.getHost() == null
                    ? Optional.of("must have a host that is a host name or an address")
                    : Optional.empty());
  }

  private static boolean isPort(String text) {
    if (!PORT.matcher(text).matches()) {
      return false;
    }
    int port = Integer.parseInt(text);
    return port > 0 && port < 65_536;
  }

  /** RFC 1123, section 2.1, and RFC 1035, section 2.3.4. */
  private static Optional<String> faultInName(String host) {
    if (host.chars().anyMatch(c -> c > 0x7e)) {
      return Optional.of(
          "must have a host in ASCII: write an internationalised name in its form with xn--");
    }
    if (host.indexOf('_') >= 0) {
      return Optional.of("must not have an underscore in its host: host names do not allow it");
    }
    if (host.indexOf('%') >= 0) {
      return Optional.of("must not have an escape in its host");
    }
    String name = host.endsWith(".") ? host.substring(0, host.length() - 1) : host;
    if (name.length() > LONGEST_HOST) {
      return Optional.of("must have a host of at most " + LONGEST_HOST + " characters");
    }
    for (String label : name.split("\\.", -1)) {
      if (label.isEmpty()) {
        return Optional.of("must not have two dots together in its host, or one at its beginning");
      }
      if (label.startsWith("-") || label.endsWith("-")) {
        return Optional.of("must not have a hyphen at the beginning or end of a part of its host");
      }
      if (label.length() > LONGEST_LABEL) {
        return Optional.of(
            "must not have more than "
                + LONGEST_LABEL
                + " characters between two dots of its host");
      }
    }
    return Optional.empty();
  }
}
