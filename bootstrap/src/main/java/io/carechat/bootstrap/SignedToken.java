package io.carechat.bootstrap;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jose.crypto.RSASSAVerifier;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.OctetKeyPair;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jwt.SignedJWT;
import io.carechat.domain.chat.Secret;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.text.ParseException;
import java.util.HexFormat;
import java.util.Set;

/**
 * A token that has the form of a signed JWT (RFC 7519, RFC 8725), by RS256, ES256 or EdDSA with
 * Ed25519. Nothing that it says has been checked, and neither has its signature: that is what
 * {@link TrustedIssuer} does.
 *
 * @param text the whole token, with its signature
 * @param jwt the same
 * @param claims what it says
 */
record SignedToken(Secret text, SignedJWT jwt, TokenClaims claims) {
  private static final Set<JWSAlgorithm> ALGORITHMS =
      Set.of(JWSAlgorithm.RS256, JWSAlgorithm.ES256, JWSAlgorithm.EdDSA, JWSAlgorithm.Ed25519);
  private static final int LONGEST = 8_192;

  /** The bytes before the 32 bytes of an Ed25519 key in its SubjectPublicKeyInfo (RFC 8410). */
  private static final byte[] ED25519_INFO = HexFormat.of().parseHex("302a300506032b6570032100");

  /**
   * Reads a token.
   *
   * @throws TokenClaims.Invalid if it is longer than 8,192 characters, is no signed JWT, or is
   *     signed by another algorithm
   */
  static SignedToken read(Secret text) throws TokenClaims.Invalid {
    if (text.value().length() > LONGEST) {
      throw new TokenClaims.Invalid("the token is longer than " + LONGEST + " characters");
    }
    SignedJWT jwt = parse(text);
    JWSHeader header = jwt.getHeader();
    if (!ALGORITHMS.contains(header.getAlgorithm())) {
      throw new TokenClaims.Invalid("the token is not signed by RS256, ES256 or EdDSA");
    }
    if (header.getCriticalParams() != null) {
      throw new TokenClaims.Invalid("the token has critical parameters");
    }
    return new SignedToken(text, jwt, TokenClaims.parse(jwt.getPayload().toString()));
  }

  private static SignedJWT parse(Secret text) throws TokenClaims.Invalid {
    try {
      return SignedJWT.parse(text.value());
    } catch (ParseException | RuntimeException e) {
      // Anybody can send any header. For some of them Nimbus throws more than it declares, such as
      // a NullPointerException for the JSON text null.
      throw new TokenClaims.Invalid("the token is not a signed JWT");
    }
  }

  JWSHeader header() {
    return jwt.getHeader();
  }

  /** Returns whether a key made the signature. */
  boolean isSignedBy(JWK key) throws JOSEException {
    return switch (key) {
      case RSAKey rsa ->
          new RSASSAVerifier(rsa).verify(header(), jwt.getSigningInput(), jwt.getSignature());
      case ECKey ec ->
          new ECDSAVerifier(ec).verify(header(), jwt.getSigningInput(), jwt.getSignature());
      case OctetKeyPair okp -> isSignedByEd25519(okp);
      default -> false;
    };
  }

  private boolean isSignedByEd25519(OctetKeyPair key) {
    byte[] point = key.getDecodedX();
    byte[] info = new byte[ED25519_INFO.length + point.length];
    System.arraycopy(ED25519_INFO, 0, info, 0, ED25519_INFO.length);
    System.arraycopy(point, 0, info, ED25519_INFO.length, point.length);
    try {
      PublicKey publicKey =
          KeyFactory.getInstance("Ed25519").generatePublic(new X509EncodedKeySpec(info));
      Signature verifier = Signature.getInstance("Ed25519");
      verifier.initVerify(publicKey);
      verifier.update(jwt.getSigningInput());
      return verifier.verify(jwt.getSignature().decode());
    } catch (GeneralSecurityException notSigned) {
      return false;
    }
  }
}
