package io.carechat.bootstrap.identity;

import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.util.JSONObjectUtils;
import io.carechat.domain.chat.Unavailable;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.http.HttpClient;
import java.text.ParseException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * The keys of an issuer whose metadata say where they are ({@code jwks_uri} of OpenID Connect
 * Discovery 1.0, section 3). While the metadata cannot be fetched, the keys are looked for where
 * they were. Safe for use by many threads.
 */
final class DiscoveredKeys implements IssuerKeys {
  private static final Duration FRESH = Duration.ofHours(1);

  private final FetchedDocument<URI> metadata;
  private final Optional<SSLContext> tls;
  private final LongSupplier nanos;
  private volatile @Nullable Place current;

  /** Where the keys are, and the keys themselves. */
  private record Place(URI url, FetchedKeys keys) {}

  /**
   * Begins to fetch the metadata.
   *
   * @param issuer its identifier, which {@link OpenIdAddresses#isIssuer} accepts
   * @param tls whom to trust with {@code https}; empty for the authorities that Java trusts
   * @param nanos a clock such as {@link System#nanoTime}
   */
  DiscoveredKeys(String issuer, Optional<SSLContext> tls, LongSupplier nanos) {
    this.tls = tls;
    this.nanos = nanos;
    this.metadata =
        new FetchedDocument<>(
            new FetchedDocument.Kind<>(
                "metadata",
                "application/json",
                HttpClient.Redirect.NEVER,
                FRESH,
                FetchedKeys.MAX_AGE,
                body -> addressOfKeys(body, issuer)),
            OpenIdAddresses.metadataOf(issuer),
            tls,
            nanos);
    metadata.begin();
  }

  @Override
  public List<JWK> of(JWSHeader header) {
    Place place = place();
    return place.keys().of(header);
  }

  private Place place() {
    Place known = current;
    Optional<URI> url = metadata.known();
    if (url.isEmpty() && known == null) {
      url = metadata.fetched();
    }
    if (url.isEmpty()) {
      if (known == null) {
        throw new Unavailable("The metadata of an issuer cannot be fetched", FetchedDocument.PAUSE);
      }
      return known;
    }
    return known != null && known.url().equals(url.get()) ? known : moved(url.get());
  }

  private synchronized Place moved(URI url) {
    Place known = current;
    if (known == null || !known.url().equals(url)) {
      known = new Place(url, new FetchedKeys(url, tls, nanos));
      current = known;
    }
    return known;
  }

  private static URI addressOfKeys(String json, String issuer) throws FetchedDocument.Unusable {
    try {
      // The parser returns null for the JSON text null.
      @Nullable Map<String, Object> metadata = JSONObjectUtils.parse(json);
      if (metadata == null || !issuer.equals(metadata.get("issuer"))) {
        throw new FetchedDocument.Unusable("its issuer is not exactly the configured one");
      }
      if (metadata.get("jwks_uri") instanceof String text) {
        var url = new URI(text);
        if (OpenIdAddresses.isProtected(url)) {
          return url;
        }
      }
    } catch (ParseException | URISyntaxException e) {
      throw new FetchedDocument.Unusable("the response is not the metadata of an issuer");
    }
    throw new FetchedDocument.Unusable("jwks_uri is not an https URL");
  }
}
