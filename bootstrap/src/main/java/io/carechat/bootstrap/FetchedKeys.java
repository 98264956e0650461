package io.carechat.bootstrap;

import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import io.carechat.domain.chat.Unavailable;
import java.lang.System.Logger.Level;
import java.net.URI;
import java.net.http.HttpClient;
import java.text.ParseException;
import java.time.Duration;
import java.util.List;
import java.util.function.LongSupplier;

/**
 * The keys that an issuer serves at a web address.
 *
 * <p>A key that is known is used without waiting, also while the issuer is unavailable, for up to
 * {@link #MAX_AGE} after the last success. Only a token with an unknown key waits for a call. A
 * token with a new key of the issuer is therefore valid after one {@link FetchedDocument#PAUSE} at
 * the latest.
 */
final class FetchedKeys implements IssuerKeys {
  /** The keys are fetched again when they are older, while they are used. */
  static final Duration FRESH = Duration.ofMinutes(5);

  /** The keys are not used any more when they are older. */
  static final Duration MAX_AGE = Duration.ofHours(4);

  private static final System.Logger LOG = System.getLogger(FetchedKeys.class.getName());

  private final FetchedDocument<JWKSet> document;

  /**
   * Begins to fetch the keys.
   *
   * @param url where the issuer serves them
   * @param nanos a clock such as {@link System#nanoTime}
   */
  FetchedKeys(URI url, LongSupplier nanos) {
    document =
        new FetchedDocument<>(
            new FetchedDocument.Kind<>(
                "keys",
                "application/jwk-set+json, application/json",
                HttpClient.Redirect.NORMAL,
                FRESH,
                MAX_AGE,
                FetchedKeys::keys),
            url,
            nanos);
    document.begin();
  }

  @Override
  public List<JWK> of(JWSHeader header) {
    List<JWK> keys =
        document.known().map(known -> IssuerKeys.select(known, header)).orElse(List.of());
    if (!keys.isEmpty()) {
      return keys;
    }
    return document
        .fetched()
        .map(fetched -> IssuerKeys.select(fetched, header))
        .orElseThrow(() ->
            new Unavailable("The keys of an issuer cannot be fetched", FetchedDocument.PAUSE));
  }

  private static JWKSet keys(String body) throws FetchedDocument.Unusable {
    try {
      JWKSet keys = JWKSet.parse(body);
      if (!keys.isEmpty()) {
        return keys;
      }
    } catch (ParseException | RuntimeException notKeys) {
      LOG.log(Level.DEBUG, "An issuer did not serve a set of keys", notKeys);
    }
    throw new FetchedDocument.Unusable("the response is not a set of keys");
  }
}
