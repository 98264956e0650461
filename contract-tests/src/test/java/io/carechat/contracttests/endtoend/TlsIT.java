package io.carechat.contracttests.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.nimbusds.jwt.JWTClaimsSet;
import io.carechat.bootstrap.Carechat;
import io.carechat.bootstrap.Settings;
import io.carechat.contracttests.running.Eventually;
import io.carechat.contracttests.running.RunningService;
import io.carechat.contracttests.running.RunningService.ApiKey;
import io.carechat.contracttests.running.TestIssuer;
import io.carechat.local.LocalCertificates;
import io.carechat.local.LocalCertificates.Issued;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

/** The service with TLS of its own, and client certificates. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@ExtendWith(RunningService.Parameter.class)
final class TlsIT {
  private static final String INSTANCE = "/api/v1/" + RunningService.INSTANCE;
  private static final String CHATS = INSTANCE + "/patients?pageSize=1";
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final RunningService plain;
  private final LocalCertificates ca;
  private final LocalCertificates strangers;
  private final Path certificate;
  private final Path privateKey;
  private final Carechat service;

  TlsIT(RunningService plain) throws IOException {
    this.plain = plain;
    Path files = Files.createTempDirectory("carechat-tls");
    ca = new LocalCertificates(files, "own-ca");
    strangers = new LocalCertificates(files, "other-ca");
    certificate = files.resolve("tls.pem");
    privateKey = files.resolve("tls.key");
    use(ca.issue("first"));
    service = Carechat.start(settings(certificate, privateKey));
  }

  @AfterAll
  void stop() {
    service.close();
  }

  private void use(Issued issued) throws IOException {
    Path _ = Files.copy(issued.privateKey(), privateKey, StandardCopyOption.REPLACE_EXISTING);
    Path _ = Files.copy(issued.certificate(), certificate, StandardCopyOption.REPLACE_EXISTING);
  }

  private Settings settings(Path certificateFile, Path keyFile) {
    Settings settings = plain.settings();
    Settings.Http http = settings.http();
    return new Settings(
        settings.publicUrl(),
        new Settings.Http(
            http.host(),
            0,
            Optional.empty(),
            http.trustedProxies(),
            http.connections(),
            http.connectionsPerAddress(),
            http.allowedOrigins(),
            Optional.of(new Settings.Tls(certificateFile, keyFile, Optional.of(ca.authority())))),
        settings.database(),
        settings.search(),
        settings.apiKeys(),
        settings.issuers(),
        settings.webhooks(),
        settings.rateLimit(),
        settings.secretsKeys());
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create("https://127.0.0.1:" + service.port() + path))
        .timeout(PATIENCE);
  }

  private HttpRequest.Builder withKey(String path, String key) {
    return request(path).header("X-API-KEY", key);
  }

  private String partner() {
    return plain.apiKey(ApiKey.PARTNER);
  }

  private static HttpResponse<String> send(SSLContext tls, HttpRequest.Builder request)
      throws Exception {
    try (HttpClient client = HttpClient.newBuilder().sslContext(tls).build()) {
      return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }
  }

  private SSLContext client() {
    return ca.client(Optional.empty());
  }

  private SSLSocket connect(SSLContext tls, String... versions) throws IOException {
    var socket =
        (SSLSocket)
            tls.getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), service.port());
    socket.setSoTimeout((int) PATIENCE.toMillis());
    if (versions.length > 0) {
      socket.setEnabledProtocols(versions);
    }
    return socket;
  }

  private static String get(SSLSocket socket) throws IOException {
    socket
        .getOutputStream()
        .write(
            "GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n"
                .getBytes(StandardCharsets.US_ASCII));
    byte[] bytes = new byte[8_192];
    int read = socket.getInputStream().read(bytes);
    return read < 0 ? "" : new String(bytes, 0, read, StandardCharsets.US_ASCII);
  }

  @Test
  void servesBothVersionsOfHttpByAlpn() throws Exception {
    for (HttpClient.Version version :
        List.of(HttpClient.Version.HTTP_1_1, HttpClient.Version.HTTP_2)) {
      HttpResponse<String> answer = send(client(), withKey(CHATS, partner()).version(version));
      assertThat(answer.statusCode()).isEqualTo(200);
      assertThat(answer.version()).isEqualTo(version);
    }
  }

  @Test
  void streamsEvents() throws Exception {
    try (HttpClient client = HttpClient.newBuilder().sslContext(client()).build()) {
      for (HttpClient.Version version :
          List.of(HttpClient.Version.HTTP_1_1, HttpClient.Version.HTTP_2)) {
        var stream =
            client.send(
                withKey(INSTANCE + "/events/stream", partner()).version(version).build(),
                HttpResponse.BodyHandlers.ofInputStream());
        try (var lines =
            new BufferedReader(new InputStreamReader(stream.body(), StandardCharsets.UTF_8))) {
          assertThat(lines.readLine()).startsWith("retry:");
          HttpResponse<String> sent =
              client.send(
                  withKey(RunningService.messagesOf(UUID.randomUUID()), partner())
                      .header("Content-Type", "application/json")
                      .POST(HttpRequest.BodyPublishers.ofString("{\"message\":\"over TLS\"}"))
                      .build(),
                  HttpResponse.BodyHandlers.ofString());
          assertThat(sent.statusCode()).isEqualTo(201);
          String line = lines.readLine();
          while (!line.contains("over TLS")) {
            line = lines.readLine();
          }
        }
      }
    }
  }

  @Test
  void isTrustedByItsOwnAuthorityAlone() {
    assertThatThrownBy(() -> send(strangers.client(Optional.empty()), request("/health/live")))
        .isInstanceOf(SSLException.class);
  }

  @Test
  void speaksTls12And13AndNothingOlder() throws Exception {
    for (String version : List.of("TLSv1.2", "TLSv1.3")) {
      try (SSLSocket socket = connect(client(), version)) {
        assertThat(get(socket)).startsWith("HTTP/1.1 200");
        assertThat(socket.getSession().getProtocol()).isEqualTo(version);
      }
    }
    // This JVM's own TLS would refuse older versions before it asks. So the bytes are written.
    try (var socket = new Socket(InetAddress.getLoopbackAddress(), service.port())) {
      socket.setSoTimeout((int) PATIENCE.toMillis());
      socket.getOutputStream().write(HELLO_OF_TLS_1_1);
      byte[] answer = socket.getInputStream().readNBytes(7);
      // An alert (21), fatal (2), protocol_version (70).
      assertThat(answer[0]).isEqualTo((byte) 21);
      assertThat(answer[5]).isEqualTo((byte) 2);
      assertThat(answer[6]).isEqualTo((byte) 70);
    }
  }

  /** A ClientHello of version 1.1 with one cipher suite, and without extensions. */
  private static final byte[] HELLO_OF_TLS_1_1 = hello();

  private static byte[] hello() {
    byte[] hello = new byte[5 + 4 + 41];
    hello[0] = 22; // a handshake
    hello[1] = 3;
    hello[2] = 1;
    hello[4] = 45;
    hello[5] = 1; // ClientHello
    hello[8] = 41;
    hello[9] = 3;
    hello[10] = 2; // version 1.1
    // 32 bytes of zero that should be random, and a session id of length 0.
    hello[45] = 2;
    hello[46] = (byte) 0xC0;
    hello[47] = 0x09; // TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA
    hello[48] = 1;
    return hello;
  }

  @Test
  void aClientCannotRenegotiate() throws Exception {
    try (SSLSocket socket = connect(client(), "TLSv1.2")) {
      assertThat(get(socket)).startsWith("HTTP/1.1 200");
      assertThatThrownBy(
              () -> {
                socket.startHandshake();
                String _ = get(socket);
              })
          .isInstanceOf(IOException.class);
    }
    assertThat(send(client(), request("/health/live")).statusCode()).isEqualTo(200);
  }

  @Test
  void plaintextIsNotAnswered() throws Exception {
    try (var socket = new Socket(InetAddress.getLoopbackAddress(), service.port())) {
      socket.setSoTimeout((int) PATIENCE.toMillis());
      socket
          .getOutputStream()
          .write(
              ("GET " + CHATS + " HTTP/1.1\r\nHost: localhost\r\nX-API-KEY: planted-key\r\n\r\n")
                  .getBytes(StandardCharsets.US_ASCII));
      byte[] answer = socket.getInputStream().readAllBytes();
      assertThat(new String(answer, StandardCharsets.ISO_8859_1)).doesNotContain("HTTP");
    } catch (IOException reset) {
      // As good as a close.
    }
    assertThat(send(client(), request("/health/live")).statusCode()).isEqualTo(200);
  }

  /** Whoever does not finish a handshake holds nobody up, and is disconnected in the end. */
  @Test
  void slowHandshakesHoldNobodyUp() throws Exception {
    List<Socket> slow = new ArrayList<>();
    try {
      for (int i = 0; i < 100; i++) {
        var socket = new Socket(InetAddress.getLoopbackAddress(), service.port());
        socket.setSoTimeout((int) PATIENCE.toMillis());
        slow.add(socket);
        // Nothing, or the beginning of a record that never ends.
        socket.getOutputStream().write(new byte[] {22, 3, 1, 1}, 0, i % 5);
      }
      assertThat(send(client(), request("/health/live")).statusCode()).isEqualTo(200);
      for (Socket socket : slow) {
        assertThat(readToTheEnd(socket)).isTrue();
      }
    } finally {
      for (Socket socket : slow) {
        socket.close();
      }
    }
  }

  private static boolean readToTheEnd(Socket socket) {
    try {
      byte[] _ = socket.getInputStream().readAllBytes();
      return true;
    } catch (SocketTimeoutException stillOpen) {
      return false;
    } catch (IOException reset) {
      return true;
    }
  }

  @Test
  void aNewCertificateIsShownToNewConnectionsAndABadOneIsNot() throws Exception {
    try (SSLSocket open = connect(client())) {
      assertThat(get(open)).startsWith("HTTP/1.1 200");
      Issued second = ca.issue("second", "RSA", "-1d", 30);
      use(second);
      Eventually.get(PATIENCE, this::shown, second.x509()::equals);
      assertThat(get(open)).as("a connection that was open").startsWith("HTTP/1.1 200");

      Issued expired = ca.issue("expired", "EC", "-10d", 5);
      useAndStay(second, () -> use(expired));
      useAndStay(second, () -> Files.writeString(certificate, "no certificate"));
      useAndStay(second, () -> Files.delete(privateKey));
      Issued third = ca.issue("third");
      useAndStay(
          second,
          () -> {
            use(third);
            // The key of another certificate.
            Path _ =
                Files.copy(second.privateKey(), privateKey, StandardCopyOption.REPLACE_EXISTING);
          });
      use(third);
      Eventually.get(PATIENCE, this::shown, third.x509()::equals);
    }
  }

  private interface Change {
    void make() throws IOException;
  }

  /** The files are read every second, and each of these changes is seen by the second reading. */
  private void useAndStay(Issued expected, Change change) throws Exception {
    change.make();
    long end = System.nanoTime() + Duration.ofMillis(2_500).toNanos();
    while (System.nanoTime() < end) {
      assertThat(shown()).isEqualTo(expected.x509());
    }
  }

  private X509Certificate shown() {
    try (SSLSocket socket = connect(client())) {
      socket.startHandshake();
      return (X509Certificate) socket.getSession().getPeerCertificates()[0];
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void startsWithNoFileThatCannotBeUsed() throws Exception {
    Issued good = ca.issue("good");
    Issued expired = ca.issue("expired", "EC", "-10d", 5);
    refusesToStart(expired.certificate(), expired.privateKey(), "has expired");
    refusesToStart(good.certificate(), expired.privateKey(), "is not that of the first");
    refusesToStart(good.privateKey(), good.privateKey(), "http.tls.certificate");
    refusesToStart(good.certificate(), good.certificate(), "http.tls.private-key");
    refusesToStart(good.certificate(), Path.of("/no/such/file"), "cannot be read");
  }

  private void refusesToStart(Path certificateFile, Path keyFile, String why) {
    assertThatThrownBy(() -> Carechat.start(settings(certificateFile, keyFile)).close())
        .hasMessageContaining(why)
        .hasMessageNotContaining("BEGIN");
  }

  // --- client certificates

  private static String thumbprint(Issued issued) throws Exception {
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(MessageDigest.getInstance("SHA-256").digest(issued.x509().getEncoded()));
  }

  @Test
  void aKeyThatIsBoundToACertificateIsValidWithItAlone() throws Exception {
    Issued own = ca.issue("partner");
    HttpResponse<String> created =
        send(
            client(),
            withKey(INSTANCE + "/keys", partner())
                .header("Content-Type", "application/json")
                .POST(
                    HttpRequest.BodyPublishers.ofString(
                        "{\"scopes\":[\"messages:read\"],\"certificateThumbprint\":\""
                            + thumbprint(own)
                            + "\"}")));
    assertThat(created.statusCode()).as(created.body()).isEqualTo(201);
    String key = new ObjectMapper().readTree(created.body()).get("secret").asText();
    for (HttpClient.Version version :
        List.of(HttpClient.Version.HTTP_1_1, HttpClient.Version.HTTP_2)) {
      assertThat(status(Optional.of(own), withKey(CHATS, key).version(version))).isEqualTo(200);
      assertThat(status(Optional.empty(), withKey(CHATS, key).version(version))).isEqualTo(401);
      assertThat(status(Optional.of(ca.issue("another")), withKey(CHATS, key).version(version)))
          .isEqualTo(401);
    }
    // Nor over the connection without TLS of another node.
    assertThat(plain.exchange(plain.request(CHATS).header("X-API-KEY", key)).statusCode())
        .isEqualTo(401);
    // A key that is not bound is valid with any certificate, and without one.
    assertThat(status(Optional.of(own), withKey(CHATS, partner()))).isEqualTo(200);
  }

  private int status(Optional<Issued> own, HttpRequest.Builder request) throws Exception {
    return send(ca.client(own), request).statusCode();
  }

  @Test
  void aTokenThatIsBoundToACertificateIsValidWithItAlone() throws Exception {
    Issued own = ca.issue("nurse");
    for (Map<String, String> cnf :
        List.of(
            Map.of("x5t#S256", thumbprint(own)),
            Map.of("jkt", thumbprint(own)),
            Map.of("x5t#S256", thumbprint(own), "jkt", "x"))) {
      UUID patient = UUID.randomUUID();
      JWTClaimsSet.Builder claims =
          TestIssuer.patient(RunningService.INSTANCE, patient, "messages:read").claim("cnf", cnf);
      HttpRequest.Builder request =
          request(RunningService.messagesOf(patient))
              .header("Authorization", "Bearer " + plain.issuer().sign(claims));
      boolean known = cnf.size() == 1 && cnf.containsKey("x5t#S256");
      assertThat(status(Optional.of(own), request)).isEqualTo(known ? 200 : 401);
      assertThat(status(Optional.empty(), request)).isEqualTo(401);
      assertThat(status(Optional.of(ca.issue("other")), request)).isEqualTo(401);
    }
  }

  /** An authority with the same name and another key: a client shows what it has issued. */
  @Test
  void aCertificateOfAnotherAuthorityIsRefused() throws Exception {
    var impostor = new LocalCertificates(Files.createTempDirectory("carechat-tls"), "own-ca");
    Issued strange = impostor.issue("partner");
    try (SSLSocket socket = connect(ca.client(Optional.of(strange)), "TLSv1.2")) {
      assertThatThrownBy(socket::startHandshake).isInstanceOf(IOException.class);
    }
    try (SSLSocket socket = connect(ca.client(Optional.of(strange)), "TLSv1.3")) {
      // With TLS 1.3 the client learns of it when it reads.
      assertThatThrownBy(
              () -> {
                socket.startHandshake();
                assertThat(get(socket)).isEmpty();
                throw new IOException("closed");
              })
          .isInstanceOf(IOException.class);
    }
  }
}
