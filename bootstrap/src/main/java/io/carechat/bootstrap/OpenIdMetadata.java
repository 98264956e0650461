package io.carechat.bootstrap;

import com.nimbusds.oauth2.sdk.ParseException;
import com.nimbusds.openid.connect.sdk.op.OIDCProviderMetadata;
import java.net.URI;
import org.jspecify.annotations.Nullable;

/**
 * What an OpenID provider says about itself (OpenID Connect Discovery 1.0, section 3).
 *
 * @param authorization where browsers are sent
 * @param token where codes are exchanged for tokens
 * @param answersWithIssuer whether its answers always have {@code iss} (RFC 9207)
 */
record OpenIdMetadata(URI authorization, URI token, boolean answersWithIssuer) {
  /**
   * Reads the metadata.
   *
   * @param issuer whose metadata they must be
   */
  static OpenIdMetadata parse(String json, String issuer) throws FetchedDocument.Unusable {
    OIDCProviderMetadata metadata = parse(json);
    if (!metadata.getIssuer().getValue().equals(issuer)) {
      throw new FetchedDocument.Unusable("its issuer is not exactly the configured one");
    }
    return new OpenIdMetadata(
        endpoint("authorization_endpoint", metadata.getAuthorizationEndpointURI()),
        endpoint("token_endpoint", metadata.getTokenEndpointURI()),
        metadata.supportsAuthorizationResponseIssuerParam());
  }

  private static OIDCProviderMetadata parse(String json) throws FetchedDocument.Unusable {
    try {
      return OIDCProviderMetadata.parse(json);
    } catch (ParseException | RuntimeException e) {
      throw new FetchedDocument.Unusable("the response is not the metadata of an OpenID provider");
    }
  }

  private static URI endpoint(String name, @Nullable URI url) throws FetchedDocument.Unusable {
    if (url == null || !OpenIdAddresses.isProtected(url)) {
      throw new FetchedDocument.Unusable(name + " is not an https URL");
    }
    return url;
  }
}
