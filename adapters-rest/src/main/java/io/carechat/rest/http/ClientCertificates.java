package io.carechat.rest.http;

import io.helidon.webserver.http.ServerRequest;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.cert.Certificate;
import java.security.cert.CertificateEncodingException;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/** The client certificates of connections with TLS. */
final class ClientCertificates {
  private ClientCertificates() {}

  /**
   * Returns the SHA-256 of the certificate that the client of a connection has shown, in base64url
   * without padding: the {@code x5t#S256} of RFC 8705, section 3.1. The connection has checked that
   * the client has its private key, and that an authority of the configuration has issued it.
   *
   * @return null if the client has shown none
   */
  static @Nullable String thumbprint(ServerRequest request) {
    return request
        .remotePeer()
        .tlsCertificates()
        .filter(chain -> chain.length > 0)
        .map(chain -> thumbprint(chain[0]))
        .orElse(null);
  }

  private static String thumbprint(Certificate certificate) {
    try {
      return Base64.getUrlEncoder()
          .withoutPadding()
          .encodeToString(MessageDigest.getInstance("SHA-256").digest(certificate.getEncoded()));
    } catch (CertificateEncodingException | NoSuchAlgorithmException e) {
      throw new IllegalStateException("A certificate that was received can be encoded", e);
    }
  }
}
