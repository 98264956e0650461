package io.carechat.bootstrap;

import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKMatcher;
import com.nimbusds.jose.jwk.JWKSelector;
import com.nimbusds.jose.jwk.JWKSet;
import io.carechat.domain.chat.Unavailable;
import java.util.List;

/** The public keys of an issuer. Safe for use by many threads. */
interface IssuerKeys {
  /**
   * Returns the keys that a token with this header can be signed with. The result is empty if the
   * issuer has no such key.
   *
   * @throws Unavailable if the keys of the issuer are not known
   */
  List<JWK> of(JWSHeader header);

  /** Keys that do not change. */
  static IssuerKeys fixed(JWKSet keys) {
    return header -> select(keys, header);
  }

  /** Returns those of the keys that a token with this header can be signed with. */
  static List<JWK> select(JWKSet keys, JWSHeader header) {
    return new JWKSelector(JWKMatcher.forJWSHeader(header)).select(keys);
  }
}
