package io.carechat.webhook;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.any;
import static com.github.tomakehurst.wiremock.client.WireMock.anyRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.anyUrl;
import static com.github.tomakehurst.wiremock.client.WireMock.post;
import static com.github.tomakehurst.wiremock.core.WireMockConfiguration.options;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.tomakehurst.wiremock.WireMockServer;
import com.github.tomakehurst.wiremock.client.ResponseDefinitionBuilder;
import com.github.tomakehurst.wiremock.http.Fault;
import com.github.tomakehurst.wiremock.verification.LoggedRequest;
import com.standardwebhooks.Webhook;
import com.standardwebhooks.exceptions.WebhookVerificationException;
import io.carechat.domain.chat.ManualClock;
import io.carechat.domain.chat.Samples;
import io.carechat.domain.chat.Secret;
import io.carechat.domain.webhooks.WebhookAnswer;
import io.carechat.domain.webhooks.WebhookEndpoint;
import io.carechat.domain.webhooks.WebhookPayload;
import io.carechat.domain.webhooks.delivery.ClaimedDelivery;
import java.net.URI;
import java.net.http.HttpHeaders;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

final class HttpWebhookSenderTest {
  private static final WireMockServer RECEIVER =
      new WireMockServer(options().bindAddress("127.0.0.1").dynamicPort());
  private static final AddressPolicy LOOPBACK =
      new AddressPolicy(true, List.of(AllowedNetwork.open("127.0.0.1/32")));

  private final ManualClock clock =
      new ManualClock(Instant.now().truncatedTo(ChronoUnit.SECONDS).plusMillis(999));
  private final HttpWebhookSender sender = sender(LOOPBACK);

  @BeforeAll
  static void start() {
    RECEIVER.start();
  }

  @AfterAll
  static void stop() {
    RECEIVER.stop();
  }

  @BeforeEach
  void forget() {
    RECEIVER.resetAll();
  }

  @AfterEach
  void close() {
    sender.close();
  }

  /** A sender with limits that are reached only if something is wrong. */
  private HttpWebhookSender sender(AddressPolicy policy) {
    return sender(policy, Duration.ofSeconds(20));
  }

  private HttpWebhookSender sender(AddressPolicy policy, Duration exchangeTimeout) {
    try {
      return new HttpWebhookSender(
          new HttpWebhookSender.Settings(
              policy, Duration.ofSeconds(10), exchangeTimeout, 64 * 1024),
          SSLContext.getDefault(),
          clock);
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }

  private static String url() {
    return "http://127.0.0.1:" + RECEIVER.port();
  }

  private static WebhookEndpoint endpoint() {
    return Deliveries.endpoint(url() + "/hooks?a=b");
  }

  private static void answer(ResponseDefinitionBuilder response) {
    RECEIVER.stubFor(post(anyUrl()).willReturn(response));
  }

  private WebhookAnswer send() {
    return sender.send(endpoint(), Deliveries.delivery());
  }

  private WebhookAnswer.Answered answered() {
    WebhookAnswer answer = send();
    assertThat(answer).isInstanceOf(WebhookAnswer.Answered.class);
    return (WebhookAnswer.Answered) answer;
  }

  private static List<LoggedRequest> requests() {
    return RECEIVER.findAll(anyRequestedFor(anyUrl()));
  }

  private static HttpHeaders headers(LoggedRequest request) {
    return HttpHeaders.of(
        request.getHeaders().all().stream()
            .collect(Collectors.toMap(header -> header.key(), header -> header.values())),
        (name, value) -> true);
  }

  @Test
  void postsTheBodyWithItsHeaders() {
    answer(aResponse().withStatus(204));
    ClaimedDelivery delivery = Deliveries.delivery("Zoë 🎉");

    WebhookAnswer answer = sender.send(endpoint(), delivery);

    assertThat(answer).isEqualTo(new WebhookAnswer.Answered(204, null, "", answer.took()));
    assertThat(answer.took()).isBetween(Duration.ofNanos(1), Duration.ofSeconds(20));
    assertThat(requests()).hasSize(1);
    LoggedRequest request = requests().getFirst();
    assertThat(request.getMethod().getName()).isEqualTo("POST");
    assertThat(request.getUrl()).isEqualTo("/hooks?a=b");
    assertThat(request.getBody())
        .isEqualTo(WebhookPayloadWriter.of(WebhookPayload.SOURCE, delivery));
    Map<String, String> expected =
        Map.of(
            "Host",
            "127.0.0.1:" + RECEIVER.port(),
            "Content-Type",
            "application/json",
            "User-Agent",
            "carechat-webhook/1",
            "X-WEBHOOK-API-KEY",
            Deliveries.API_KEY,
            "X-WEBHOOK-API-SECRET",
            Deliveries.API_SECRET,
            "webhook-id",
            delivery.id().toString(),
            "webhook-timestamp",
            String.valueOf(clock.instant().getEpochSecond()));
    expected.forEach((name, value) -> assertThat(request.getHeader(name)).isEqualTo(value));
    assertThat(request.getHeader("webhook-signature")).matches("v1,[A-Za-z0-9+/]{43}=");
    assertThat(request.getHeader("webhook-id")).matches("[A-Za-z0-9_-]{1,64}");
  }

  @Test
  void postsATestSignedLikeADelivery() throws Exception {
    answer(aResponse().withStatus(401).withBody("who are you?"));
    var id = Deliveries.delivery().id();

    WebhookAnswer answer =
        sender.ping(endpoint(), id, URI.create("https://chat.example/nobody"), clock.instant());

    assertThat(answer)
        .isEqualTo(new WebhookAnswer.Answered(401, null, "who are you?", answer.took()));
    LoggedRequest request = requests().getFirst();
    assertThat(request.getHeader("webhook-id")).isEqualTo(id.toString());
    assertThat(request.getBodyAsString()).contains("Webhook test...");
    new Webhook("whsec_" + Deliveries.SIGNING_KEY.value())
        .verify(request.getBodyAsString(), headers(request));
  }

  @Test
  void isVerifiedByTheLibraryOfStandardWebhooks() throws Exception {
    answer(aResponse().withStatus(200));
    List<Secret> both = List.of(Deliveries.SIGNING_KEY, Deliveries.OLD_SIGNING_KEY);
    sender.send(Deliveries.endpoint(url(), both), Deliveries.delivery("Zoë \" 🎉 \u0001"));

    LoggedRequest request = requests().getFirst();
    String body = new String(request.getBody(), UTF_8);
    for (Secret key : both) {
      new Webhook("whsec_" + key.value()).verify(body, headers(request));
    }
    assertThatThrownBy(() ->
            new Webhook("whsec_" + Deliveries.SIGNING_KEY.value())
                .verify(body + " ", headers(request)))
        .isInstanceOf(WebhookVerificationException.class);
    assertThatThrownBy(
            () -> new Webhook("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSx").verify(body, headers(request)))
        .isInstanceOf(WebhookVerificationException.class);
  }

  @Test
  void sendsTheSameIdAndBytesOnEveryAttemptAndATimeOfItsOwn() {
    answer(aResponse().withStatus(500));
    ClaimedDelivery first = Deliveries.delivery("Zoë");
    var second =
        new ClaimedDelivery(
            first.id(),
            first.endpointId(),
            first.event(),
            first.patientUrl(),
            2,
            UUID.randomUUID());

    sender.send(endpoint(), first);
    clock.move(Duration.ofMinutes(5));
    sender.send(endpoint(), second);

    List<LoggedRequest> both = requests();
    assertThat(both).extracting(request -> request.getHeader("webhook-id")).hasSize(2);
    assertThat(both)
        .extracting(request -> request.getHeader("webhook-id"))
        .containsOnly(first.id().toString());
    assertThat(both.get(0).getBody()).isEqualTo(both.get(1).getBody());
    assertThat(both)
        .extracting(request -> request.getHeader("webhook-timestamp"))
        .doesNotHaveDuplicates();
    assertThat(both)
        .extracting(request -> request.getHeader("webhook-signature"))
        .doesNotHaveDuplicates();
  }

  @ParameterizedTest
  @ValueSource(ints = {200, 201, 202, 400, 401, 404, 410, 413, 429, 500, 503, 599})
  void reportsEveryStatusWithTheBeginningOfTheBody(int status) {
    answer(aResponse().withStatus(status).withBody("a".repeat(5_000)));

    WebhookAnswer.Answered answer = answered();

    assertThat(answer.status()).isEqualTo(status);
    assertThat(answer.firstBytes()).isEqualTo("a".repeat(1_000));
    assertThat(answer.retryAfter()).isNull();
  }

  @ParameterizedTest
  @ValueSource(ints = {301, 302, 303, 307, 308})
  void followsNoRedirect(int status) {
    RECEIVER.stubFor(any(anyUrl()).willReturn(aResponse().withStatus(200)));
    RECEIVER.stubFor(
        post("/hooks?a=b")
            .willReturn(
                aResponse().withStatus(status).withHeader("Location", url() + "/elsewhere")));

    assertThat(answered().status()).isEqualTo(status);
    assertThat(requests()).extracting(LoggedRequest::getUrl).containsExactly("/hooks?a=b");
  }

  @Test
  void reportsRetryAfterInBothForms() {
    answer(aResponse().withStatus(429).withHeader("Retry-After", "17"));
    assertThat(answered().retryAfter()).isEqualTo(Duration.ofSeconds(17));

    clock.move(Duration.between(clock.instant(), Instant.parse("2021-02-08T17:17:29Z")));
    answer(aResponse().withStatus(503).withHeader("Retry-After", "Mon, 08 Feb 2021 17:18:00 GMT"));
    assertThat(answered().retryAfter()).isEqualTo(Duration.ofSeconds(31));

    answer(aResponse().withStatus(503).withHeader("Retry-After", "-5"));
    assertThat(answered().retryAfter()).isNull();
  }

  @ParameterizedTest
  @EnumSource(Fault.class)
  void reportsBrokenAnswersWithoutSecretsOrTexts(Fault fault) {
    answer(aResponse().withFault(fault));

    WebhookAnswer answer = send();

    assertThat(answer).isInstanceOf(WebhookAnswer.Failed.class);
    assertThat(((WebhookAnswer.Failed) answer).reason())
        .matches("the (answer|connection) .*")
        .hasSizeLessThan(250)
        .doesNotContain("planted")
        .doesNotContain(Deliveries.SIGNING_KEY.value());
  }

  @Test
  void goesOnAfterBrokenAnswers() {
    for (Fault fault : Fault.values()) {
      answer(aResponse().withFault(fault));
      assertThat(send()).isInstanceOf(WebhookAnswer.Failed.class);
      answer(aResponse().withStatus(204));
      assertThat(answered().status()).isEqualTo(204);
    }
  }

  @Test
  void waitsNoLongerThanAnExchangeMayTake() {
    answer(aResponse().withStatus(200).withFixedDelay(4_000));

    assertLeavesAfterASecond();
  }

  private void assertLeavesAfterASecond() {
    try (HttpWebhookSender impatient = sender(LOOPBACK, Duration.ofSeconds(1))) {
      WebhookAnswer answer = impatient.send(endpoint(), Deliveries.delivery());

      assertThat(answer)
          .isEqualTo(new WebhookAnswer.Failed("no complete answer within 1 s", answer.took()));
      assertThat(answer.took()).isBetween(Duration.ofMillis(950), Duration.ofMillis(3_500));
    }
  }

  @Test
  void waitsForASlowReceiverThatIsInTime() {
    answer(aResponse().withStatus(200).withFixedDelay(700));

    assertThat(answered().took()).isGreaterThan(Duration.ofMillis(650));
  }

  @Test
  void waitsNoLongerForABodyThatTrickles() {
    answer(
        aResponse().withStatus(200).withBody("x".repeat(400)).withChunkedDribbleDelay(40, 4_000));

    assertLeavesAfterASecond();
  }

  @Test
  void takesAnAnswerWhoseBodyIsTooLongToBeRead() {
    answer(aResponse().withStatus(200).withBody("x".repeat(5_000_000)));

    assertThat(answered().status()).isEqualTo(200);
    assertThat(answered().status()).isEqualTo(200);
  }

  @Test
  void deliversTheLongestMessage() {
    answer(aResponse().withStatus(204));

    WebhookAnswer answer = sender.send(endpoint(), Deliveries.delivery("🎉".repeat(10_000)));

    assertThat(answer).isInstanceOf(WebhookAnswer.Answered.class);
    assertThat(new String(requests().getFirst().getBody(), UTF_8)).contains("🎉".repeat(10_000));
  }

  @Test
  void deliversFromManyThreadsAtOnce() throws Exception {
    answer(aResponse().withStatus(204).withFixedDelay(5));
    List<ClaimedDelivery> deliveries = Stream.generate(Deliveries::delivery).limit(300).toList();
    var answers = new ArrayList<WebhookAnswer>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Callable<WebhookAnswer>> calls =
          deliveries.stream()
              .<Callable<WebhookAnswer>>map(delivery -> () -> sender.send(endpoint(), delivery))
              .toList();
      for (int from = 0; from < calls.size(); from += 30) {
        for (Future<WebhookAnswer> future : threads.invokeAll(calls.subList(from, from + 30))) {
          answers.add(future.get());
        }
      }
    }

    assertThat(answers).hasSize(300).allMatch(WebhookAnswer.Answered.class::isInstance);
    assertThat(requests())
        .extracting(request -> request.getHeader("webhook-id"))
        .containsExactlyInAnyOrderElementsOf(
            deliveries.stream().map(delivery -> delivery.id().toString()).toList());
  }

  @Test
  void usesNoProxyOfTheEnvironment() {
    answer(aResponse().withStatus(204));
    Map<String, String> proxies =
        Map.of(
            "http.proxyHost", "127.0.0.1",
            "http.proxyPort", "1",
            "http.nonProxyHosts", "",
            "socksProxyHost", "127.0.0.1",
            "socksProxyPort", "1",
            "socksNonProxyHosts", "");
    proxies.forEach(System::setProperty);
    try {
      assertThat(answered().status()).isEqualTo(204);
    } finally {
      proxies.keySet().forEach(System::clearProperty);
    }
  }

  @Test
  void keepsToItselfWhatTheHostsOfAnAllowedNetworkSay() {
    answer(aResponse().withStatus(418).withBody("secret of the cluster"));
    var silent = new AllowedNetwork("127.0.0.1/32", null, null, false);
    try (HttpWebhookSender sender = sender(new AddressPolicy(true, List.of(silent)))) {
      // The second call uses the connection of the first.
      for (int i = 0; i < 2; i++) {
        assertThat(sender.send(endpoint(), Deliveries.delivery()))
            .isInstanceOfSatisfying(
                WebhookAnswer.Answered.class,
                answer -> {
                  assertThat(answer.status()).isEqualTo(418);
                  assertThat(answer.firstBytes()).isEmpty();
                });
      }
    }
    assertThat(((WebhookAnswer.Answered) send()).firstBytes()).isEqualTo("secret of the cluster");
  }

  @Test
  void usesNoIdleConnectionThatAnotherInstanceMayHaveAndThisOneMayNot() {
    answer(aResponse().withStatus(204));
    var ofOne =
        new AllowedNetwork(
            "127.0.0.1/32", Set.of(RECEIVER.port()), Set.of(Samples.THIS_INSTANCE), false);
    try (HttpWebhookSender sender = sender(new AddressPolicy(true, List.of(ofOne)))) {
      assertThat(sender.send(endpoint(), Deliveries.delivery()))
          .isInstanceOf(WebhookAnswer.Answered.class);
      WebhookEndpoint own = endpoint();
      var ofOther =
          new WebhookEndpoint(
              Samples.OTHER_INSTANCE, own.id(), own.subscription(), own.secrets(), own.origin());

      assertThat(sender.send(ofOther, Deliveries.delivery()))
          .isInstanceOfSatisfying(
              WebhookAnswer.Failed.class,
              failed -> assertThat(failed.reason()).isEqualTo("address 127.0.0.1 is not allowed"));
    }
    RECEIVER.verify(1, anyRequestedFor(anyUrl()));
  }

  @Test
  void callsNothingThatIsNotAllowed() {
    answer(aResponse().withStatus(204));
    String port = ":" + RECEIVER.port() + "/";
    try (HttpWebhookSender strict = sender(new AddressPolicy(true, List.of()));
        HttpWebhookSender httpsOnly =
            sender(new AddressPolicy(false, List.of(AllowedNetwork.open("127.0.0.1/32"))))) {
      Map<String, String> reasons =
          Map.of(
              "http://127.0.0.1" + port,
              "address 127.0.0.1 is not allowed",
              "http://[::1]" + port,
              "address 0:0:0:0:0:0:0:1 is not allowed",
              "http://[::ffff:127.0.0.1]" + port,
              "the host is an IPv4 address in the form of IPv6, such as ::ffff:192.0.2.1",
              "http://2130706433" + port,
              "the host is a number, but not an address of the form 192.0.2.1",
              "http://0177.0.0.1" + port,
              "the host is a number, but not an address of the form 192.0.2.1",
              "http://169.254.169.254/",
              "address 169.254.169.254 is not allowed",
              "http://10.0.0.1/",
              "address 10.0.0.1 is not allowed",
              "https://192.168.0.1/",
              "address 192.168.0.1 is not allowed");
      reasons.forEach((url, reason) -> {
        WebhookAnswer answer = strict.send(Deliveries.endpoint(url), Deliveries.delivery());
        assertThat(answer).as(url).isEqualTo(new WebhookAnswer.Failed(reason, answer.took()));
      });
      assertThat(strict.send(Deliveries.endpoint("http://localhost" + port), Deliveries.delivery()))
          .isInstanceOfSatisfying(
              WebhookAnswer.Failed.class,
              failed -> assertThat(failed.reason()).matches("address .*1 is not allowed"));
      WebhookAnswer answer = httpsOnly.send(endpoint(), Deliveries.delivery());
      assertThat(answer)
          .isEqualTo(new WebhookAnswer.Failed("http is not allowed, only https", answer.took()));
    }
    assertThat(requests()).isEmpty();
  }

  @Test
  void printsNoSecret() {
    assertThat(endpoint() + " " + Deliveries.delivery())
        .doesNotContain("planted")
        .doesNotContain(Deliveries.SIGNING_KEY.value());
  }

  @Test
  void hasTheBoundsThatTheContractPromises() {
    assertThat(HttpWebhookSender.Settings.of(LOOPBACK))
        .isEqualTo(
            new HttpWebhookSender.Settings(
                LOOPBACK, Duration.ofSeconds(5), Duration.ofSeconds(15), 65_536));
    for (Duration bad : List.of(Duration.ZERO, Duration.ofSeconds(-1))) {
      assertThatThrownBy(
              () -> new HttpWebhookSender.Settings(LOOPBACK, bad, Duration.ofSeconds(1), 1))
          .isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(
              () -> new HttpWebhookSender.Settings(LOOPBACK, Duration.ofSeconds(1), bad, 1))
          .isInstanceOf(IllegalArgumentException.class);
    }
    assertThatThrownBy(() ->
            new HttpWebhookSender.Settings(
                LOOPBACK, Duration.ofSeconds(1), Duration.ofSeconds(1), 0))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
