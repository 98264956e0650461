package io.carechat.domain.evidence;

import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.KeyFactory;
import java.security.NoSuchAlgorithmException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.SignatureException;
import java.security.spec.EdECPrivateKeySpec;
import java.security.spec.NamedParameterSpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.HexFormat;

/** Keys for tests: those of RFC 8032, section 7.1. */
public final class TestKey implements SigningKey, VerifyingKey {
  /** What RFC 8410 has in front of a public key. */
  private static final byte[] X509 = HexFormat.of().parseHex("302a300506032b6570032100");

  /** Of the test 1. */
  public static final TestKey ONE =
      new TestKey(
          "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
          "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");

  /** Of the test 2. */
  public static final TestKey TWO =
      new TestKey(
          "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
          "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c");

  private final PrivateKey privateKey;
  private final PublicKey publicKey;
  private final byte[] raw;

  private TestKey(String secret, String encoded) {
    raw = HexFormat.of().parseHex(encoded);
    byte[] x509 = Arrays.copyOf(X509, X509.length + raw.length);
    System.arraycopy(raw, 0, x509, X509.length, raw.length);
    try {
      KeyFactory keys = KeyFactory.getInstance("Ed25519");
      privateKey =
          keys.generatePrivate(
              new EdECPrivateKeySpec(NamedParameterSpec.ED25519, HexFormat.of().parseHex(secret)));
      publicKey = keys.generatePublic(new X509EncodedKeySpec(x509));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("Every Java has Ed25519", e);
    }
  }

  @Override
  public String keyId() {
    return Hash.sha256(raw).toString().substring(0, 32);
  }

  @Override
  public byte[] publicKey() {
    return raw.clone();
  }

  @Override
  public byte[] sign(byte[] message) {
    try {
      Signature signature = Signature.getInstance("Ed25519");
      signature.initSign(privateKey);
      signature.update(message);
      return signature.sign();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("The key can sign", e);
    }
  }

  @Override
  public boolean verifies(byte[] message, byte[] signature) {
    try {
      Signature verifier = Signature.getInstance("Ed25519");
      verifier.initVerify(publicKey);
      verifier.update(message);
      return verifier.verify(signature);
    } catch (SignatureException e) {
      return false;
    } catch (InvalidKeyException | NoSuchAlgorithmException e) {
      throw new IllegalStateException("The key can verify", e);
    }
  }
}
