package io.carechat.local;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/**
 * A certificate authority for tests, which issues certificates as PEM files. Everything is made by
 * the JDK's {@code keytool}. For use by one thread.
 */
public final class LocalCertificates {
  private static final String PASSWORD = "changeit";
  private static final String CA = "ca";

  private final Path folder;
  private final Path store;
  private int issued;

  /**
   * A certificate and its private key.
   *
   * @param certificate the PEM file of the certificate, and of its authority
   * @param privateKey the PEM file of the private key, in PKCS #8
   * @param x509 the certificate
   * @param key its private key
   */
  public record Issued(Path certificate, Path privateKey, X509Certificate x509, Key key) {}

  /**
   * Makes an authority.
   *
   * @param folder where its files are; it must exist
   * @param name of the authority
   */
  public LocalCertificates(Path folder, String name) {
    this.folder = folder;
    this.store = folder.resolve(name + ".p12");
    keytool(
        "-genkeypair",
        "-alias",
        CA,
        "-keyalg",
        "EC",
        "-groupname",
        "secp256r1",
        "-dname",
        "CN=" + name,
        "-ext",
        "bc:critical",
        "-ext",
        "ku:critical=keyCertSign,cRLSign",
        "-validity",
        "3650");
    write(folder.resolve(name + ".pem"), pem("CERTIFICATE", encoded(certificate(CA))));
  }

  /** Returns the PEM file of the authority's own certificate. */
  public Path authority() {
    return folder.resolve(store.getFileName().toString().replace(".p12", ".pem"));
  }

  /** Issues a certificate for {@code localhost} and {@code 127.0.0.1} that is valid now. */
  public Issued issue(String name) {
    return issue(name, "EC", "-0d", 30);
  }

  /**
   * Issues a certificate.
   *
   * @param name the common name, and the beginning of the names of the files
   * @param algorithm {@code EC} or {@code RSA}
   * @param from from when on it is valid, as {@code keytool} takes it, such as {@code -10d}
   * @param days for how many days
   */
  public Issued issue(String name, String algorithm, String from, int days) {
    String alias = name + "-" + ++issued;
    List<String> pair =
        new ArrayList<>(
            List.of("-genkeypair", "-alias", alias, "-keyalg", algorithm, "-dname", "CN=" + name));
    pair.addAll(
        algorithm.equals("EC") ? List.of("-groupname", "secp256r1") : List.of("-keysize", "2048"));
    keytool(pair.toArray(String[]::new));
    Path request = folder.resolve(alias + ".csr");
    Path signed = folder.resolve(alias + ".crt");
    keytool("-certreq", "-alias", alias, "-file", request.toString());
    keytool(
        "-gencert",
        "-alias",
        CA,
        "-infile",
        request.toString(),
        "-outfile",
        signed.toString(),
        "-rfc",
        "-startdate",
        from,
        "-validity",
        String.valueOf(days),
        "-ext",
        "san=dns:localhost,ip:127.0.0.1",
        "-ext",
        "eku=serverAuth,clientAuth");
    X509Certificate certificate = first(signed);
    Path chain = folder.resolve(alias + ".pem");
    write(
        chain,
        pem("CERTIFICATE", encoded(certificate)) + pem("CERTIFICATE", encoded(certificate(CA))));
    Path key = folder.resolve(alias + ".key");
    Key privateKey = key(alias);
    write(key, pem("PRIVATE KEY", privateKey.getEncoded()));
    onlyForOwner(key);
    return new Issued(chain, key, certificate, privateKey);
  }

  /**
   * What a client needs that trusts this authority alone.
   *
   * @param own the certificate that the client shows; empty if it has none
   */
  public SSLContext client(Optional<Issued> own) {
    try {
      KeyStore trusted = KeyStore.getInstance("PKCS12");
      trusted.load(null, null);
      trusted.setCertificateEntry(CA, certificate(CA));
      TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
      trust.init(trusted);
      KeyStore shown = KeyStore.getInstance("PKCS12");
      shown.load(null, null);
      if (own.isPresent()) {
        shown.setKeyEntry(
            "own", own.get().key(), PASSWORD.toCharArray(), new Certificate[] {own.get().x509()});
      }
      KeyManagerFactory keys = KeyManagerFactory.getInstance("PKIX");
      keys.init(shown, PASSWORD.toCharArray());
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
      return context;
    } catch (GeneralSecurityException | IOException e) {
      throw new LocalServiceException("cannot make a client", e);
    }
  }

  /** PostgreSQL refuses a private key that others can read. */
  private static void onlyForOwner(Path file) {
    try {
      Path _ = Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    } catch (IOException e) {
      throw new LocalServiceException("cannot protect " + file, e);
    }
  }

  private void keytool(String... arguments) {
    List<String> line = new ArrayList<>();
    line.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
    line.addAll(List.of(arguments));
    line.addAll(
        List.of("-keystore", store.toString(), "-storetype", "PKCS12", "-storepass", PASSWORD));
    try {
      Process process = new ProcessBuilder(line).redirectErrorStream(true).start();
      String output;
      try (InputStream said = process.getInputStream()) {
        output = new String(said.readAllBytes(), StandardCharsets.UTF_8);
      }
      if (process.waitFor() != 0) {
        throw new LocalServiceException("keytool failed: " + output);
      }
    } catch (IOException e) {
      throw new LocalServiceException("keytool cannot be run", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new LocalServiceException("keytool was interrupted", e);
    }
  }

  private X509Certificate certificate(String alias) {
    try {
      return (X509Certificate) opened().getCertificate(alias);
    } catch (GeneralSecurityException e) {
      throw new LocalServiceException("cannot read " + store, e);
    }
  }

  private static X509Certificate first(Path file) {
    try (InputStream pem = Files.newInputStream(file)) {
      return (X509Certificate)
          CertificateFactory.getInstance("X.509").generateCertificates(pem).iterator().next();
    } catch (IOException | GeneralSecurityException e) {
      throw new LocalServiceException("cannot read " + file, e);
    }
  }

  private Key key(String alias) {
    try {
      return opened().getKey(alias, PASSWORD.toCharArray());
    } catch (GeneralSecurityException e) {
      throw new LocalServiceException("cannot read " + store, e);
    }
  }

  private KeyStore opened() {
    try (InputStream file = Files.newInputStream(store)) {
      KeyStore opened = KeyStore.getInstance("PKCS12");
      opened.load(file, PASSWORD.toCharArray());
      return opened;
    } catch (IOException | GeneralSecurityException e) {
      throw new LocalServiceException("cannot read " + store, e);
    }
  }

  private static byte[] encoded(X509Certificate certificate) {
    try {
      return certificate.getEncoded();
    } catch (GeneralSecurityException e) {
      throw new LocalServiceException("cannot encode a certificate", e);
    }
  }

  private static String pem(String what, byte[] der) {
    return "-----BEGIN "
        + what
        + "-----\n"
        + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der)
        + "\n-----END "
        + what
        + "-----\n";
  }

  private static void write(Path file, String text) {
    try {
      Path _ = Files.writeString(file, text);
    } catch (IOException e) {
      throw new LocalServiceException("cannot write " + file, e);
    }
  }
}
