package io.carechat.bootstrap.tls;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads PEM files (RFC 7468). */
final class Pem {
  private static final Pattern PKCS8 =
      Pattern.compile("-----BEGIN PRIVATE KEY-----([A-Za-z0-9+/=\\s]+)-----END PRIVATE KEY-----");

  private static final Pattern OTHER_KEY =
      Pattern.compile("-----BEGIN (RSA |EC |DSA |ENCRYPTED )PRIVATE KEY-----");

  /** What a server can sign a handshake with. */
  private static final List<String> ALGORITHMS = List.of("RSA", "EC", "EdDSA");

  private Pem() {}

  /** Reads a file as it is now. */
  static byte[] bytes(String setting, Path file) throws UnusablePem {
    try {
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw new UnusablePem(setting, "the file cannot be read");
    }
  }

  /** Reads the certificates of a file, at least one, in their order. */
  static List<X509Certificate> certificates(String setting, byte[] pem) throws UnusablePem {
    try {
      List<X509Certificate> certificates =
          CertificateFactory.getInstance("X.509")
              .generateCertificates(new ByteArrayInputStream(pem))
              .stream()
              .map(X509Certificate.class::cast)
              .toList();
      if (!certificates.isEmpty()) {
        return certificates;
      }
    } catch (CertificateException e) {
      // Its message may repeat what the file contains.
    }
    throw new UnusablePem(setting, "the file must have certificates in PEM form");
  }

  /** Reads the private key of a file, which must be PKCS #8 without a password. */
  static PrivateKey privateKey(String setting, byte[] pem) throws UnusablePem {
    String text = new String(pem, StandardCharsets.ISO_8859_1);
    if (OTHER_KEY.matcher(text).find()) {
      throw new UnusablePem(
          setting,
          "the private key must be PKCS #8 without a password; openssl pkcs8 -topk8 -nocrypt makes"
              + " one");
    }
    Matcher matcher = PKCS8.matcher(text);
    if (matcher.find()) {
      try {
        var spec = new PKCS8EncodedKeySpec(Base64.getMimeDecoder().decode(matcher.group(1)));
        for (String algorithm : ALGORITHMS) {
          PrivateKey key = keyOrNull(algorithm, spec);
          if (key != null) {
            return key;
          }
        }
      } catch (IllegalArgumentException notBase64) {
        // As any other file without a key.
      }
    }
    throw new UnusablePem(setting, "the file must have a private key in PEM form (PKCS #8)");
  }

  private static @Nullable PrivateKey keyOrNull(String algorithm, PKCS8EncodedKeySpec spec) {
    try {
      return KeyFactory.getInstance(algorithm).generatePrivate(spec);
    } catch (InvalidKeySpecException ofAnotherAlgorithm) {
      return null;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("Every Java has " + algorithm, e);
    }
  }

  /** Returns whether a private key is that of a certificate. */
  static boolean belongTogether(X509Certificate certificate, PrivateKey key) {
    PublicKey publicKey = certificate.getPublicKey();
    String algorithm =
        switch (publicKey.getAlgorithm()) {
          case "RSA" -> "SHA256withRSA";
          case "EC" -> "SHA256withECDSA";
          default -> "EdDSA";
        };
    byte[] text = "carechat".getBytes(StandardCharsets.US_ASCII);
    try {
      Signature signature = Signature.getInstance(algorithm);
      signature.initSign(key);
      signature.update(text);
      byte[] signed = signature.sign();
      signature.initVerify(publicKey);
      signature.update(text);
      return signature.verify(signed);
    } catch (GeneralSecurityException ofAnotherKind) {
      return false;
    }
  }
}
