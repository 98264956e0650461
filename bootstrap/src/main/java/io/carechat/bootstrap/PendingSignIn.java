package io.carechat.bootstrap;

import io.carechat.domain.chat.Secret;
import io.carechat.domain.chat.TenantInstance;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A sign-in that has begun. The browser keeps it until it comes back from the identity provider.
 *
 * @param state the answer of the identity provider must repeat it, so that the answer belongs to
 *     this browser
 * @param nonce the ID token must repeat it, so that the token was issued for this sign-in
 * @param verifier proves to the identity provider that its code comes from who began (RFC 7636)
 * @param instance what the person wants to see
 */
record PendingSignIn(String state, String nonce, String verifier, TenantInstance instance) {
  private static final Pattern FORM =
      Pattern.compile("(?:[A-Za-z0-9_-]{43}\\.){3}[a-z0-9-]{1,63}\\.[a-z0-9-]{1,63}");

  /** Begins one, with new secrets of 256 bits each. */
  static PendingSignIn begin(TenantInstance instance, SecureRandom random) {
    return new PendingSignIn(secret(random), secret(random), secret(random), instance);
  }

  private static String secret(SecureRandom random) {
    byte[] bytes = new byte[32];
    random.nextBytes(bytes);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  /** What the browser keeps: at most 259 unreserved characters. */
  Secret kept() {
    return new Secret(
        String.join(".", state, nonce, verifier, instance.tenantName(), instance.instanceName()));
  }

  /** Reads what the browser kept; empty if it is nothing that {@link #kept} returned. */
  static Optional<PendingSignIn> parse(Secret kept) {
    if (!FORM.matcher(kept.value()).matches()) {
      return Optional.empty();
    }
    String[] parts = kept.value().split("\\.", -1);
    if (!TenantInstance.isName(parts[3]) || !TenantInstance.isName(parts[4])) {
      return Optional.empty();
    }
    return Optional.of(
        new PendingSignIn(parts[0], parts[1], parts[2], new TenantInstance(parts[3], parts[4])));
  }

  /** Hides the secrets. */
  @Override
  public String toString() {
    return "PendingSignIn[" + instance + "]";
  }
}
