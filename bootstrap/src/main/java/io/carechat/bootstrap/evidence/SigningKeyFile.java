package io.carechat.bootstrap.evidence;

import io.carechat.domain.evidence.SigningKey;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.interfaces.EdECPrivateKey;
import java.security.spec.NamedParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A private key of Ed25519 in a file, as PEM of PKCS #8 (RFC 5958, RFC 8410). Safe for use by many
 * threads.
 */
public final class SigningKeyFile implements SigningKey {
  private static final Pattern PEM =
      Pattern.compile(
          "-----BEGIN PRIVATE KEY-----\\s+([A-Za-z0-9+/=\\s]+)-----END PRIVATE KEY-----\\s*");

  private static final int KEY_LENGTH = 32;

  private static final String NO_KEY =
      "the file must have a private key of Ed25519 as PEM of PKCS #8,"
          + " as carechat make-audit-key writes it";

  private final PrivateKey key;
  private final PublicKeyLine publicKey;

  private SigningKeyFile(PrivateKey key, PublicKeyLine publicKey) {
    this.key = key;
    this.publicKey = publicKey;
  }

  /**
   * Reads a file.
   *
   * @throws IllegalArgumentException if it cannot be read or is not such a key; the message says
   *     so, and repeats nothing of the file
   */
  public static SigningKeyFile read(Path file) {
    String text;
    try {
      text = Files.readString(file);
    } catch (IOException e) {
      throw new IllegalArgumentException("the file does not exist or cannot be read", e);
    }
    Matcher pem = PEM.matcher(text);
    try {
      if (pem.matches()
          && KeyFactory.getInstance("Ed25519")
                  .generatePrivate(
                      new PKCS8EncodedKeySpec(Base64.getMimeDecoder().decode(pem.group(1))))
              instanceof EdECPrivateKey key) {
        return new SigningKeyFile(key, publicKeyOf(key));
      }
    } catch (GeneralSecurityException | IllegalArgumentException e) {
      throw new IllegalArgumentException(NO_KEY, e);
    }
    throw new IllegalArgumentException(NO_KEY);
  }

  /**
   * Java computes a public key only together with a new private one, whose bytes are given here.
   */
  private static PublicKeyLine publicKeyOf(EdECPrivateKey key) throws GeneralSecurityException {
    byte[] secret = key.getBytes().orElseThrow(() -> new IllegalArgumentException(NO_KEY));
    KeyPairGenerator generator = KeyPairGenerator.getInstance("Ed25519");
    generator.initialize(NamedParameterSpec.ED25519, new Given(secret));
    byte[] encoded = generator.generateKeyPair().getPublic().getEncoded();
    PublicKeyLine publicKey =
        PublicKeyLine.of(Arrays.copyOfRange(encoded, encoded.length - KEY_LENGTH, encoded.length));
    byte[] message = "test".getBytes(StandardCharsets.US_ASCII);
    if (!publicKey.verifies(message, sign(key, message))) {
      throw new IllegalStateException("This Java does not compute public keys of Ed25519");
    }
    return publicKey;
  }

  /** Gives the bytes of a key where random ones are asked for. */
  private static final class Given extends SecureRandom {
    private static final long serialVersionUID = 1;

    private final transient byte[] bytes;

    Given(byte[] bytes) {
      this.bytes = bytes;
    }

    @Override
    public void nextBytes(byte[] wanted) {
      System.arraycopy(bytes, 0, wanted, 0, wanted.length);
    }
  }

  /**
   * Makes a new key, in a new file that only its owner may read.
   *
   * @throws IOException if there is such a file, or it cannot be written
   */
  public static SigningKeyFile make(Path file) throws IOException {
    KeyPair pair;
    try {
      pair = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("Every Java has Ed25519", e);
    }
    String pem =
        "-----BEGIN PRIVATE KEY-----\n"
            + Base64.getEncoder().encodeToString(pair.getPrivate().getEncoded())
            + "\n-----END PRIVATE KEY-----\n";
    try (var channel =
        Files.newByteChannel(
            file,
            Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
      int _ = channel.write(ByteBuffer.wrap(pem.getBytes(StandardCharsets.US_ASCII)));
    }
    return read(file);
  }

  /** Returns the public key. */
  public PublicKeyLine publicKey() {
    return publicKey;
  }

  @Override
  public String keyId() {
    return publicKey.keyId();
  }

  @Override
  public byte[] sign(byte[] message) {
    try {
      return sign(key, message);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("The key cannot sign", e);
    }
  }

  private static byte[] sign(PrivateKey key, byte[] message) throws GeneralSecurityException {
    Signature signature = Signature.getInstance("Ed25519");
    signature.initSign(key);
    signature.update(message);
    return signature.sign();
  }
}
