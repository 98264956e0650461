package io.carechat.rest.connections;

import io.helidon.common.tls.Tls;
import io.helidon.common.tls.TlsClientAuth;
import java.util.List;
import javax.net.ssl.SSLContext;

/**
 * TLS of a listener: version 1.2 or 1.3, and HTTP/1.1 or HTTP/2 by ALPN (RFC 7301).
 *
 * @param context makes connections; what it shows and trusts may change while it is in use
 * @param asksForCertificates whether clients are asked for a certificate. They need not show one,
 *     but one that is shown must be trusted
 */
public record ListenerTls(SSLContext context, boolean asksForCertificates) {
  private static final List<String> VERSIONS = List.of("TLSv1.3", "TLSv1.2");

  /** Returns the same for Helidon. */
  public Tls forHelidon() {
    return Tls.builder()
        .sslContext(context)
        .enabledProtocols(VERSIONS)
        .clientAuth(asksForCertificates ? TlsClientAuth.OPTIONAL : TlsClientAuth.NONE)
        .build();
  }
}
