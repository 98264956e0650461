package io.carechat.domain.webhooks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.carechat.domain.chat.ChatId;
import io.carechat.domain.chat.ClientType;
import io.carechat.domain.chat.EndpointId;
import io.carechat.domain.chat.ManualClock;
import io.carechat.domain.chat.Message;
import io.carechat.domain.chat.Samples;
import io.carechat.domain.chat.Secret;
import io.carechat.domain.chat.Sender;
import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.events.ChatEvent;
import io.carechat.domain.events.LogPosition;
import io.carechat.domain.messages.InMemoryMessageLog;
import java.net.URI;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class WebhookEndpointTest {
  private static final Secret KEY = signingKey(32);
  private static final URI URL = URI.create("https://partner.example/hooks?a=b");

  private static Secret signingKey(int bytes) {
    return new Secret(Base64.getEncoder().encodeToString(new byte[bytes]));
  }

  private static WebhookEndpoint endpoint(String id, URI url, String header, List<Secret> keys) {
    return new WebhookEndpoint(
        Samples.THIS_INSTANCE,
        new EndpointId(id),
        url,
        new Secret(header),
        new Secret("other-" + header),
        keys);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "https://partner.example",
        "http://partner.example:8080/a/b?c=d",
        "https://partner.example:65535/",
        "https://192.0.2.1/",
        "https://[2001:db8::1]:8443/"
      })
  void acceptsUrls(String url) {
    assertThat(endpoint("crm", URI.create(url), "header", List.of(KEY)).url())
        .isEqualTo(URI.create(url));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ftp://partner.example/",
        "file:///etc/passwd",
        "HTTPS:partner",
        "/hooks",
        "https:///hooks",
        "https://user:password@partner.example/",
        "https://partner.example/#part",
        "https://partner.example:0/",
        "https://partner.example:65536/",
        "https://under_score.example/"
      })
  void refusesUrls(String url) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> endpoint("crm", URI.create(url), "header", List.of(KEY)))
        .withMessageContaining("url");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "-a", "A", "a.b", "a b", "ä"})
  void refusesIds(String id) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> endpoint(id, URL, "header", List.of(KEY)))
        .withMessageContaining("id");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> endpoint("a".repeat(64), URL, "header", List.of(KEY)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", " ", " planted", "planted ", "planted\r\nX-Other: 1", "plant\u00e9", "a\tb"})
  void refusesWhatCannotBeAHeaderWithoutRepeatingIt(String header) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> endpoint("crm", URL, header, List.of(KEY)))
        .withMessageContaining("apiKey")
        .withMessageNotContaining("plant");
  }

  @Test
  void acceptsOneSigningKeyOrTwoOf24To64Bytes() {
    for (List<Secret> keys :
        List.of(List.of(signingKey(24)), List.of(signingKey(64), signingKey(24)))) {
      assertThat(endpoint("crm", URL, "header", keys).secrets().signingKeysAt(Samples.NOON))
          .isEqualTo(keys);
    }
    for (List<Secret> keys :
        List.of(
            List.<Secret>of(),
            List.of(KEY, KEY, KEY),
            List.of(signingKey(23)),
            List.of(signingKey(65)),
            List.of(KEY, signingKey(1)),
            List.of(new Secret("whsec_" + KEY.value())),
            List.of(new Secret("planted, not base64")))) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> endpoint("crm", URL, "header", keys))
          .withMessageContaining("signing")
          .withMessageNotContaining("planted");
    }
  }

  @Test
  void takesTheEventsOfItsInstanceOnly() {
    WebhookEndpoint endpoint = endpoint("crm", URL, "header", List.of(KEY));
    ChatId chat = Samples.newChat();
    var log = new InMemoryMessageLog(new ManualClock(Samples.NOON));

    assertThat(takes(endpoint, new ChatEvent.MessageSent(Samples.stored(log, chat, "hello"))))
        .isTrue();
    for (TenantInstance instance : List.of(Samples.OTHER_INSTANCE, Samples.OTHER_TENANT)) {
      ChatId elsewhere = new ChatId(instance, chat.patient());
      assertThat(
              takes(endpoint, new ChatEvent.MessageSent(Samples.stored(log, elsewhere, "hello"))))
          .isFalse();
    }
  }

  private static boolean takes(WebhookEndpoint endpoint, ChatEvent event) {
    return endpoint.takes(new LogPosition(1, 1), event);
  }

  private static WebhookEndpoint made(
      WebhookPayload payload, Set<WebhookEventType> types, Set<ClientType> senders) {
    return new WebhookEndpoint(
        Samples.THIS_INSTANCE,
        new EndpointId("crm"),
        new WebhookSubscription(URL, payload, types, senders, ""),
        new WebhookSecrets(new Secret("key"), new Secret("secret"), KEY, null, null),
        new WebhookEndpoint.Origin.Api(new LogPosition(5, 3), 1, Samples.NOON, Samples.NOON));
  }

  @Test
  void takesTheTypesAndSendersOfItsSubscription() {
    var log = new InMemoryMessageLog(new ManualClock(Samples.NOON));
    ChatId chat = Samples.newChat();
    Message ofPatient = Samples.stored(log, chat, "hello");
    Message ofNurse =
        new Message(
            chat,
            ofPatient.externalId(),
            new Sender.CareTeamMember(chat.patient().value(), "Nurse"),
            ofPatient.text(),
            Samples.NOON);
    var read = new ChatEvent.ChatRead(ofNurse, ClientType.PATIENT, Samples.NOON);
    LogPosition later = new LogPosition(9, 1);
    for (WebhookPayload payload : List.of(WebhookPayload.STANDARD, WebhookPayload.THIN)) {
      for (Set<WebhookEventType> types :
          List.of(
              Set.of(WebhookEventType.MESSAGE_SENT),
              Set.of(WebhookEventType.CHAT_READ),
              Set.of(WebhookEventType.values()))) {
        for (ClientType sender : ClientType.values()) {
          WebhookEndpoint endpoint = made(payload, types, Set.of(sender));
          boolean messages = types.contains(WebhookEventType.MESSAGE_SENT);
          assertThat(endpoint.takes(later, new ChatEvent.MessageSent(ofPatient)))
              .isEqualTo(messages && sender == ClientType.PATIENT);
          assertThat(endpoint.takes(later, new ChatEvent.MessageSent(ofNurse)))
              .isEqualTo(messages && sender == ClientType.CARE_TEAM);
          assertThat(endpoint.takes(later, read))
              .isEqualTo(types.contains(WebhookEventType.CHAT_READ));
        }
      }
    }
  }

  @Test
  void takesWhatHappensAfterItWasCreated() {
    var log = new InMemoryMessageLog(new ManualClock(Samples.NOON));
    var event = new ChatEvent.MessageSent(Samples.stored(log, Samples.newChat(), "hello"));
    WebhookEndpoint endpoint =
        made(
            WebhookPayload.SOURCE,
            Set.of(WebhookEventType.MESSAGE_SENT),
            Set.of(ClientType.values()));

    assertThat(endpoint.takes(new LogPosition(4, 9), event)).isFalse();
    assertThat(endpoint.takes(new LogPosition(5, 3), event)).isFalse();
    assertThat(endpoint.takes(new LogPosition(5, 4), event)).isTrue();
    assertThat(endpoint.takes(new LogPosition(6, 1), event)).isTrue();
  }

  @Test
  void refusesWhatTheSourceDocumentCannotExpress() {
    assertThatIllegalArgumentException()
        .isThrownBy(() ->
            made(
                WebhookPayload.SOURCE,
                Set.of(WebhookEventType.values()),
                Set.of(ClientType.values())))
        .withMessageContaining("eventTypes");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> made(WebhookPayload.THIN, Set.of(), Set.of(ClientType.values())))
        .withMessageContaining("eventTypes");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> made(WebhookPayload.THIN, Set.of(WebhookEventType.values()), Set.of()))
        .withMessageContaining("senders");
    assertThatIllegalArgumentException()
        .isThrownBy(() ->
            new WebhookEndpoint(
                Samples.THIS_INSTANCE,
                new EndpointId("crm"),
                WebhookSubscription.ofAllMessages(URL),
                new WebhookSecrets(null, null, KEY, null, null),
                new WebhookEndpoint.Origin.Configuration()))
        .withMessageContaining("apiKey");
  }

  @Test
  void signsWithBothKeysUntilTheOverlapIsOver() {
    Secret next = signingKey(40);
    var secrets =
        new WebhookSecrets(null, null, KEY, null, null).rotated(next, Samples.NOON.plusSeconds(60));

    assertThat(secrets.signingKeysAt(Samples.NOON)).containsExactly(next, KEY);
    assertThat(secrets.signingKeysAt(Samples.NOON.plusMillis(59_999))).containsExactly(next, KEY);
    assertThat(secrets.signingKeysAt(Samples.NOON.plusSeconds(60))).containsExactly(next);
    var again = secrets.rotated(signingKey(50), Samples.NOON.plusSeconds(90));
    assertThat(again.signingKeysAt(Samples.NOON)).containsExactly(signingKey(50), next);
  }

  @Test
  void printsNoSecret() {
    assertThat(endpoint("crm", URL, "planted", List.of(KEY)).toString())
        .contains("crm")
        .doesNotContain("planted")
        .doesNotContain(KEY.value());
  }
}
