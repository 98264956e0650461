package io.carechat.bootstrap.tls;

import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;

/** Certificate authorities of the operator's own. */
public final class Authorities {
  private Authorities() {}

  /**
   * Makes what a client needs that trusts the authorities of a file, and no others.
   *
   * @param setting names the file in the message of a fault
   * @param file has certificates in PEM form
   * @throws UnusablePem if it has none, or cannot be read
   */
  public static SSLContext trusting(String setting, Path file) throws UnusablePem {
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(
          null,
          new X509ExtendedTrustManager[] {
            trustManager(Pem.certificates(setting, Pem.bytes(setting, file)))
          },
          null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("Every Java has TLS", e);
    }
  }

  /** Makes what checks certificates that these authorities have issued. */
  static X509ExtendedTrustManager trustManager(List<X509Certificate> authorities) {
    try {
      KeyStore store = KeyStore.getInstance("PKCS12");
      store.load(null, null);
      for (int i = 0; i < authorities.size(); i++) {
        store.setCertificateEntry("ca" + i, authorities.get(i));
      }
      TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
      factory.init(store);
      return (X509ExtendedTrustManager) factory.getTrustManagers()[0];
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalStateException("Every Java has PKIX", e);
    }
  }
}
