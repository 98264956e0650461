package io.carechat.domain;

import java.net.URI;
import java.util.Base64;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Where a partner wants to be told of an instance's messages.
 *
 * @param id unique in the instance, {@code [a-z0-9][a-z0-9-]{0,62}}
 * @param url {@code http} or {@code https}, with a host, with a port of 1 to 65535 or none, without
 *     user information or fragment
 * @param apiKey sent as {@code X-WEBHOOK-API-KEY}
 * @param apiSecret sent as {@code X-WEBHOOK-API-SECRET}
 * @param signingKeys the keys of the Standard Webhooks signature, each 24 to 64 bytes in standard
 *     base64 without the prefix {@code whsec_}; one, or two while a key is being replaced
 */
public record WebhookEndpoint(
    TenantInstance place,
    String id,
    URI url,
    Secret apiKey,
    Secret apiSecret,
    List<Secret> signingKeys) {
  private static final Pattern ID = Pattern.compile("[a-z0-9][a-z0-9-]{0,62}");
  private static final Pattern HEADER_VALUE =
      Pattern.compile("[\\x21-\\x7e]([\\x20-\\x7e]*[\\x21-\\x7e])?");

  /**
   * @throws IllegalArgumentException if a part is not as described; the message names it and
   *     repeats no secret
   */
  public WebhookEndpoint {
    require(ID.matcher(id).matches(), "id must match " + ID);
    require(
        ("http".equals(url.getScheme()) || "https".equals(url.getScheme()))
            && url.getHost() != null
            && (url.getPort() == -1 || (url.getPort() > 0 && url.getPort() < 65_536))
            && url.getRawUserInfo() == null
            && url.getRawFragment() == null,
        "url must be http or https, with a host, with a port of 1 to 65535 or none, without user"
            + " information or fragment");
    require(
        HEADER_VALUE.matcher(apiKey.value()).matches()
            && HEADER_VALUE.matcher(apiSecret.value()).matches(),
        "apiKey and apiSecret must be visible ASCII: they are sent as headers");
    signingKeys = List.copyOf(signingKeys);
    require(
        signingKeys.size() == 1 || signingKeys.size() == 2,
        "signingKeys must be one, or two while one replaces the other");
    for (Secret key : signingKeys) {
      require(isSigningKey(key.value()), "a signing key must be 24 to 64 bytes in standard base64");
    }
  }

  private static boolean isSigningKey(String base64) {
    try {
      int length = Base64.getDecoder().decode(base64).length;
      return length >= 24 && length <= 64;
    } catch (IllegalArgumentException notBase64) {
      return false;
    }
  }

  private static void require(boolean condition, String rule) {
    if (!condition) {
      throw new IllegalArgumentException(rule);
    }
  }

  /** Whether an event is delivered here. */
  public boolean takes(ChatEvent event) {
    return event instanceof ChatEvent.MessageSent && event.place().equals(place);
  }
}
