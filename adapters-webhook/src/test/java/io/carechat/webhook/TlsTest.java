package io.carechat.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import io.carechat.domain.chat.ManualClock;
import io.carechat.domain.chat.Samples;
import io.carechat.domain.webhooks.WebhookAnswer;
import io.carechat.webhook.WebhookConnections.IdleLimits;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** TLS connects to the checked address and verifies the host name. */
final class TlsTest {
  private static final char[] PASSWORD = "changeit".toCharArray();
  private static final InetAddress LOOPBACK = InetAddress.ofLiteral("127.0.0.1");
  private static final String ANSWER = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

  @TempDir private static Path folder;

  /** With a certificate for partner.example and 127.0.0.1, which it also trusts. */
  private static final AtomicReference<SSLContext> tls = new AtomicReference<>();

  @BeforeAll
  static void makeCertificate() throws Exception {
    Path file = folder.resolve("receiver.p12");
    Process keytool =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-keyalg",
                "EC",
                "-alias",
                "receiver",
                "-dname",
                "CN=partner.example",
                "-ext",
                "SAN=dns:partner.example,ip:127.0.0.1",
                "-keystore",
                file.toString(),
                "-storetype",
                "PKCS12",
                "-storepass",
                new String(PASSWORD))
            .inheritIO()
            .start();
    assertThat(keytool.waitFor()).isZero();
    KeyStore keys = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(file)) {
      keys.load(in, PASSWORD);
    }
    var keyManagers = KeyManagerFactory.getInstance("PKIX");
    keyManagers.init(keys, PASSWORD);
    var trust = KeyStore.getInstance("PKCS12");
    trust.load(null, PASSWORD);
    trust.setCertificateEntry("receiver", keys.getCertificate("receiver"));
    var trustManagers = TrustManagerFactory.getInstance("PKIX");
    trustManagers.init(trust);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(keyManagers.getKeyManagers(), trustManagers.getTrustManagers(), null);
    tls.set(context);
  }

  private static SSLServerSocket serverSocket() throws IOException {
    return (SSLServerSocket) tls.get().getServerSocketFactory().createServerSocket(0, 5, LOOPBACK);
  }

  private static RawReceiver receiver(AtomicReference<String> serverName) throws IOException {
    return RawReceiver.listening(
        serverSocket(),
        connection -> {
          while (true) {
            RawReceiver.request(connection);
            var session = (ExtendedSSLSession) ((SSLSocket) connection).getSession();
            serverName.set(session.getRequestedServerNames().toString());
            RawReceiver.write(connection, ANSWER);
          }
        });
  }

  private static HttpWebhookSender sender(SSLContext context) {
    return sender(context, Duration.ofSeconds(20));
  }

  private static HttpWebhookSender sender(SSLContext context, Duration exchangeTimeout) {
    return sender(context, exchangeTimeout, LOOPBACK);
  }

  private static HttpWebhookSender sender(
      SSLContext context, Duration exchangeTimeout, InetAddress... addresses) {
    return new HttpWebhookSender(
        new HttpWebhookSender.Settings(
            new AddressPolicy(false, List.of(AllowedNetwork.open("127.0.0.0/30"))),
            Duration.ofSeconds(10),
            exchangeTimeout,
            65_536),
        context,
        new ManualClock(Samples.NOON),
        name -> addresses,
        IdleLimits.DEFAULT);
  }

  private static WebhookAnswer send(HttpWebhookSender sender, String host, RawReceiver receiver) {
    return sender.send(
        Deliveries.endpoint("https://" + host + ":" + receiver.port() + "/hooks"),
        Deliveries.delivery());
  }

  private static String reason(WebhookAnswer answer) {
    assertThat(answer).isInstanceOf(WebhookAnswer.Failed.class);
    return ((WebhookAnswer.Failed) answer).reason();
  }

  @Test
  void asksForTheNameAndVerifiesItOnTheCheckedAddress() throws Exception {
    var serverName = new AtomicReference<>("");
    try (RawReceiver receiver = receiver(serverName);
        HttpWebhookSender sender = sender(tls.get())) {
      for (int i = 0; i < 5; i++) {
        WebhookAnswer answer = send(sender, "partner.example", receiver);
        assertThat(answer).isEqualTo(new WebhookAnswer.Answered(200, null, "ok", answer.took()));
      }
      assertThat(serverName.get()).contains("partner.example");
      assertThat(receiver.connections()).isEqualTo(1);

      WebhookAnswer withDot = send(sender, "PARTNER.example.", receiver);
      assertThat(withDot).isInstanceOf(WebhookAnswer.Answered.class);
    }
  }

  @Test
  void verifiesAddressesToo() throws Exception {
    try (RawReceiver receiver = receiver(new AtomicReference<>(""));
        HttpWebhookSender sender = sender(tls.get())) {
      assertThat(send(sender, "127.0.0.1", receiver)).isInstanceOf(WebhookAnswer.Answered.class);
    }
  }

  @Test
  void refusesACertificateOfAnotherHost() throws Exception {
    var serverName = new AtomicReference<>("nobody asked");
    try (RawReceiver receiver = receiver(serverName);
        HttpWebhookSender sender = sender(tls.get())) {
      assertThat(reason(send(sender, "other.example", receiver)))
          .startsWith("TLS: ")
          .contains("other.example");
      assertThat(serverName.get()).as("no request was sent").isEqualTo("nobody asked");
    }
  }

  @Test
  void refusesACertificateThatNobodyTrusts() throws Exception {
    var serverName = new AtomicReference<>("nobody asked");
    try (RawReceiver receiver = receiver(serverName);
        HttpWebhookSender sender = sender(SSLContext.getDefault())) {
      assertThat(reason(send(sender, "partner.example", receiver)))
          .startsWith("TLS: ")
          .contains("certification path");
      assertThat(serverName.get()).isEqualTo("nobody asked");
    }
  }

  @Test
  void triesNoOtherAddressIfTheHandshakeFails() throws Exception {
    InetAddress second = InetAddress.ofLiteral("127.0.0.2");
    try (RawReceiver receiver = receiver(new AtomicReference<>(""));
        RawReceiver other =
            RawReceiver.listening(
                new ServerSocket(receiver.port(), 5, second), RawReceiver::waitForTheEnd);
        HttpWebhookSender sender = sender(tls.get(), Duration.ofSeconds(20), LOOPBACK, second)) {
      assertThat(reason(send(sender, "other.example", receiver)))
          .startsWith("TLS: ")
          .contains("other.example");
      assertThat(receiver.connections()).isEqualTo(1);
      assertThat(other.connections()).isZero();
    }
  }

  @Test
  void refusesOldVersionsOfTls() throws Exception {
    SSLServerSocket old = serverSocket();
    old.setEnabledProtocols(new String[] {"TLSv1.1"});
    try (RawReceiver receiver =
            RawReceiver.listening(old, connection -> RawReceiver.write(connection, ANSWER));
        HttpWebhookSender sender = sender(tls.get())) {
      assertThat(reason(send(sender, "partner.example", receiver))).startsWith("TLS: ");
    }
  }

  @Test
  void reportsAReceiverThatSpeaksNoTls() throws Exception {
    try (RawReceiver receiver =
            RawReceiver.listening(
                new ServerSocket(0, 5, LOOPBACK),
                connection -> {
                  RawReceiver.write(connection, ANSWER);
                  RawReceiver.waitForTheEnd(connection);
                });
        HttpWebhookSender sender = sender(tls.get())) {
      assertThat(reason(send(sender, "partner.example", receiver))).startsWith("TLS: ");
    }
  }

  @Test
  void leavesAReceiverThatNeverFinishesTheHandshake() throws Exception {
    try (RawReceiver receiver =
            RawReceiver.listening(new ServerSocket(0, 5, LOOPBACK), RawReceiver::waitForTheEnd);
        HttpWebhookSender sender = sender(tls.get(), Duration.ofMillis(1_500))) {
      WebhookAnswer answer = send(sender, "partner.example", receiver);
      assertThat(reason(answer)).isEqualTo("TLS: the handshake was not finished within 1.5 s");
      assertThat(answer.took()).isLessThan(Duration.ofSeconds(6));
    }
  }

  @Test
  void leavesAReceiverThatTricklesOverTls() throws Exception {
    var beat = new CountDownLatch(1);
    try (RawReceiver receiver =
            RawReceiver.listening(
                serverSocket(),
                connection -> {
                  RawReceiver.request(connection);
                  RawReceiver.write(connection, "HTTP/1.1 200 OK\r\nContent-Length: 60000\r\n\r\n");
                  while (!beat.await(20, TimeUnit.MILLISECONDS)) {
                    RawReceiver.write(connection, "x");
                  }
                });
        HttpWebhookSender sender = sender(tls.get(), Duration.ofMillis(1_500))) {
      WebhookAnswer answer = send(sender, "partner.example", receiver);
      assertThat(reason(answer)).endsWith(" within 1.5 s");
      assertThat(answer.took()).isLessThan(Duration.ofSeconds(6));
    }
  }

  @Test
  void makesANewConnectionIfTheKeptOneWasClosedMeanwhile() throws Exception {
    try (RawReceiver receiver =
            RawReceiver.listening(
                serverSocket(),
                connection -> {
                  RawReceiver.request(connection);
                  RawReceiver.write(connection, ANSWER);
                });
        HttpWebhookSender sender = sender(tls.get())) {
      for (int i = 0; i < 5; i++) {
        assertThat(send(sender, "partner.example", receiver))
            .isInstanceOf(WebhookAnswer.Answered.class);
      }
      assertThat(receiver.connections()).isEqualTo(5);
    }
  }
}
