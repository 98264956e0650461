package io.carechat.bootstrap.tls;

import java.lang.System.Logger.Level;
import java.net.Socket;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.Optional;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedKeyManager;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/**
 * The TLS of a server whose certificate, private key and authorities are in PEM files. When the
 * files change, new connections get what is in them. Connections that are open go on. If what is
 * new cannot be used, that is logged, and new connections get what was there before. Safe for use
 * by many threads.
 */
public final class ReloadedTls {
  private static final System.Logger LOG = System.getLogger(ReloadedTls.class.getName());

  static {
    // A client that renegotiates again and again makes a server compute much (CVE-2011-1473). JSSE
    // reads this once, when a server makes its first handshake. TLS 1.3 has no renegotiation.
    if (System.getProperty("jdk.tls.rejectClientInitiatedRenegotiation") == null) {
      System.setProperty("jdk.tls.rejectClientInitiatedRenegotiation", "true");
    }
  }

  private final ServerIdentity.Files files;
  private final InstantSource clock;
  private final SSLContext context;
  private volatile Current current;

  /** For a handshake that began before a reload. */
  private volatile Current former;

  /** What could not be used, so that it is logged once. Only for the thread that reloads. */
  private @Nullable String lastFault;

  private int reloads;

  /**
   * An identity, and who checks the certificates of clients.
   *
   * @param alias other than that of the identity before
   */
  private record Current(
      String alias, ServerIdentity identity, @Nullable X509ExtendedTrustManager clients) {}

  /**
   * Reads the files.
   *
   * @param certificate the server's certificate, and those that lead to its authority
   * @param privateKey its private key
   * @param clientCa the authorities of client certificates; empty if clients need none
   * @param clock says whether certificates are valid
   * @throws UnusablePem if they cannot be used
   */
  public ReloadedTls(
      Path certificate, Path privateKey, Optional<Path> clientCa, InstantSource clock)
      throws UnusablePem {
    this.files = new ServerIdentity.Files(certificate, privateKey, clientCa);
    this.clock = clock;
    this.current = read("server-0", ServerIdentity.Content.read(files));
    this.former = current;
    try {
      context = SSLContext.getInstance("TLS");
      context.init(
          new KeyManager[] {new Keys()},
          new TrustManager[] {new Clients()},
          SecureRandom.getInstance("DRBG"));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("Every Java has TLS", e);
    }
  }

  /** Returns what makes connections. It stays the same when the files change. */
  public SSLContext context() {
    return context;
  }

  /** Returns whether clients are asked for a certificate. That does not change. */
  public boolean asksForCertificates() {
    return files.clientCa().isPresent();
  }

  private Current read(String alias, ServerIdentity.Content content) throws UnusablePem {
    ServerIdentity identity = ServerIdentity.of(content, clock.instant());
    return new Current(
        alias,
        identity,
        identity.clientAuthorities().isEmpty()
            ? null
            : Authorities.trustManager(identity.clientAuthorities()));
  }

  /**
   * Reads the files again if they have changed. To be called every few seconds, by one thread.
   *
   * @return false: there is no more to do at once
   */
  public boolean reload() {
    try {
      ServerIdentity.Content content = ServerIdentity.Content.read(files);
      if (content.equals(current.identity().content())) {
        lastFault = null;
        return false;
      }
      Current next = read("server-" + ++reloads, content);
      former = current;
      current = next;
      lastFault = null;
      LOG.log(
          Level.INFO,
          "The certificate of the server was reloaded. It is valid until {0}",
          current.identity().chain().getFirst().getNotAfter().toInstant());
    } catch (UnusablePem fault) {
      String what = String.valueOf(fault.getMessage());
      if (!what.equals(lastFault)) {
        lastFault = what;
        LOG.log(Level.WARNING, "The former certificate of the server stays in use. {0}", what);
      }
    }
    return false;
  }

  /** Shows the current certificate, if the client can use it. */
  private final class Keys extends X509ExtendedKeyManager {
    @Override
    public @Nullable String chooseEngineServerAlias(
        String keyType, Principal @Nullable [] issuers, SSLEngine engine) {
      return alias(keyType);
    }

    @Override
    public @Nullable String chooseServerAlias(
        String keyType, Principal @Nullable [] issuers, Socket socket) {
      return alias(keyType);
    }

    private @Nullable String alias(String keyType) {
      Current now = current;
      String own = now.identity().chain().getFirst().getPublicKey().getAlgorithm();
      boolean fits =
          keyType.equals(own)
              || (own.equals("EC") && keyType.startsWith("EC"))
              || (own.equals("RSA") && keyType.startsWith("RSA"));
      return fits ? now.alias() : null;
    }

    private ServerIdentity identity(String alias) {
      Current now = current;
      return alias.equals(now.alias()) ? now.identity() : former.identity();
    }

    @Override
    public X509Certificate[] getCertificateChain(String alias) {
      return identity(alias).chain().toArray(X509Certificate[]::new);
    }

    @Override
    public PrivateKey getPrivateKey(String alias) {
      return identity(alias).key();
    }

    @Override
    public String[] getServerAliases(String keyType, Principal @Nullable [] issuers) {
      return new String[] {current.alias()};
    }

    @Override
    public String @Nullable [] getClientAliases(String keyType, Principal @Nullable [] issuers) {
      return null;
    }

    @Override
    public @Nullable String chooseClientAlias(
        String[] keyType, Principal @Nullable [] issuers, Socket socket) {
      return null;
    }
  }

  /** Checks client certificates by the current authorities. Trusts no server. */
  private final class Clients extends X509ExtendedTrustManager {
    private X509ExtendedTrustManager now() throws CertificateException {
      X509ExtendedTrustManager clients = current.clients();
      if (clients == null) {
        throw new CertificateException("client certificates are not asked for");
      }
      return clients;
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket)
        throws CertificateException {
      now().checkClientTrusted(chain, authType, socket);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
        throws CertificateException {
      now().checkClientTrusted(chain, authType, engine);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType)
        throws CertificateException {
      now().checkClientTrusted(chain, authType);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket)
        throws CertificateException {
      throw new CertificateException("this is a server");
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
        throws CertificateException {
      throw new CertificateException("this is a server");
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType)
        throws CertificateException {
      throw new CertificateException("this is a server");
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return current.identity().clientAuthorities().toArray(X509Certificate[]::new);
    }
  }
}
