package io.carechat.bootstrap.tls;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.security.PrivateKey;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Optional;

/**
 * What a server shows of itself, and whom it trusts.
 *
 * @param chain the server's own certificate first
 * @param key its private key
 * @param clientAuthorities those that issue client certificates; empty if the server asks for none
 * @param content of the files, to see whether they have changed
 */
record ServerIdentity(
    List<X509Certificate> chain,
    PrivateKey key,
    List<X509Certificate> clientAuthorities,
    Content content) {

  /** The bytes of the files. */
  record Content(ByteBuffer certificate, ByteBuffer key, ByteBuffer clientCa) {
    static Content read(Files files) throws UnusablePem {
      return new Content(
          ByteBuffer.wrap(Pem.bytes(Files.CERTIFICATE, files.certificate())),
          ByteBuffer.wrap(Pem.bytes(Files.PRIVATE_KEY, files.privateKey())),
          ByteBuffer.wrap(
              files.clientCa().isEmpty()
                  ? new byte[0]
                  : Pem.bytes(Files.CLIENT_CA, files.clientCa().get())));
    }
  }

  /**
   * The files.
   *
   * @param clientCa the certificates of those that issue client certificates
   */
  record Files(Path certificate, Path privateKey, Optional<Path> clientCa) {
    static final String CERTIFICATE = "http.tls.certificate";
    static final String PRIVATE_KEY = "http.tls.private-key";
    static final String CLIENT_CA = "http.tls.client-ca";
  }

  /**
   * Reads an identity.
   *
   * @throws UnusablePem if a server with it would not be accepted at this time
   */
  static ServerIdentity of(Content content, Instant now) throws UnusablePem {
    List<X509Certificate> chain =
        Pem.certificates(Files.CERTIFICATE, content.certificate().array());
    PrivateKey key = Pem.privateKey(Files.PRIVATE_KEY, content.key().array());
    if (!Pem.belongTogether(chain.getFirst(), key)) {
      throw new UnusablePem(
          Files.PRIVATE_KEY,
          "the private key is not that of the first certificate in " + Files.CERTIFICATE);
    }
    requireValid(Files.CERTIFICATE, chain, now);
    List<X509Certificate> authorities =
        !content.clientCa().hasRemaining()
            ? List.of()
            : Pem.certificates(Files.CLIENT_CA, content.clientCa().array());
    requireValid(Files.CLIENT_CA, authorities, now);
    return new ServerIdentity(chain, key, authorities, content);
  }

  private static void requireValid(String setting, List<X509Certificate> certificates, Instant now)
      throws UnusablePem {
    for (X509Certificate certificate : certificates) {
      try {
        certificate.checkValidity(Date.from(now));
      } catch (CertificateExpiredException e) {
        throw new UnusablePem(
            setting, "a certificate has expired at " + certificate.getNotAfter().toInstant());
      } catch (CertificateNotYetValidException e) {
        throw new UnusablePem(
            setting, "a certificate is not valid before " + certificate.getNotBefore().toInstant());
      }
    }
  }
}
