package io.carechat.bootstrap;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.carechat.domain.access.Caller;
import io.carechat.domain.access.Scope;
import io.carechat.domain.chat.PatientId;
import io.carechat.domain.chat.Samples;
import io.carechat.domain.chat.Secret;
import io.carechat.domain.chat.Sender;
import io.carechat.domain.sessions.IdentityProviders.Begun;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import no.nav.security.mock.oauth2.MockOAuth2Server;
import no.nav.security.mock.oauth2.OAuth2Config;
import no.nav.security.mock.oauth2.http.NettyWrapper;
import no.nav.security.mock.oauth2.token.OAuth2TokenProvider;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * The whole flow, with an identity provider that others wrote: with its page, its redirects, its
 * keys and its tokens.
 */
final class OpenIdRealFlowTest {
  private static final URI PUBLIC_URL = URI.create("https://chat.example.org");
  private static final UUID SUBJECT = UUID.fromString("bf3069a6-0fc3-4cef-ae39-6f0a9cb95867");
  private static final UserIds USER_IDS = new UserIds(Optional.of(new Secret("k".repeat(32))));

  private final MockOAuth2Server provider =
      new MockOAuth2Server(
          new OAuth2Config(
              true, null, null, false, new OAuth2TokenProvider(), Set.of(), new NettyWrapper()));
  private final HttpClient browser = HttpClient.newHttpClient();
  private final ProviderLog log = new ProviderLog();
  private String issuer = "";

  @BeforeEach
  void start() {
    provider.start(InetAddress.getLoopbackAddress(), 0);
    issuer = provider.issuerUrl("clinic").toString();
  }

  @AfterEach
  void end() {
    provider.shutdown();
    browser.close();
    log.close();
  }

  private OpenIdProviders providers(Optional<Secret> clientSecret) {
    var settings =
        new Settings.Issuer(
            issuer,
            "carechat",
            Optional.empty(),
            Optional.of(URI.create(provider.jwksUrl("clinic").toString())),
            List.of(InstancePattern.parse("test-den/*")),
            Settings.Issuer.DEFAULT_MAX_LIFETIME,
            Optional.of(
                new Settings.OpenIdLogin("carechat-page", clientSecret, List.of("openid"))));
    return new OpenIdProviders(
        TrustedIssuer.all(List.of(settings), USER_IDS, InstantSource.system(), System::nanoTime),
        PUBLIC_URL,
        System::nanoTime,
        new SecureRandom());
  }

  /** Fills in the provider's page, and returns the query that the browser is sent back with. */
  private String signIn(URI location, String claims) throws IOException, InterruptedException {
    HttpResponse<String> page =
        browser.send(HttpRequest.newBuilder(location).build(), BodyHandlers.ofString());
    assertThat(page.statusCode()).isEqualTo(200);
    HttpResponse<String> answer =
        browser.send(
            HttpRequest.newBuilder(location)
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(
                    BodyPublishers.ofString(
                        "username=" + SUBJECT + "&claims=" + URLEncoder.encode(claims, UTF_8)))
                .build(),
            BodyHandlers.ofString());
    assertThat(answer.statusCode()).isEqualTo(302);
    URI back = URI.create(answer.headers().firstValue("Location").orElseThrow());
    assertThat(back.toString()).startsWith(PUBLIC_URL + "/session/callback?");
    return back.getRawQuery();
  }

  private Optional<Caller> caller(OpenIdProviders providers, String claims) throws Exception {
    Begun begun = providers.begin(Samples.THIS_INSTANCE).orElseThrow();
    return providers.finish(begun.pending(), signIn(begun.location(), claims));
  }

  private static String claims(String clientType) {
    return """
    {"tenant": "test-den", "instance": "chat2", "scope": "openid messages:read messages:send",
     "client_type": "%s"}
    """
        .formatted(clientType);
  }

  @Test
  void peopleSignIn() throws Exception {
    Set<Scope> scopes = Set.of(Scope.READ_MESSAGES, Scope.SEND_MESSAGES);
    for (Optional<Secret> secret :
        List.of(Optional.<Secret>empty(), Optional.of(new Secret("s")))) {
      OpenIdProviders providers = providers(secret);

      assertThat(caller(providers, claims("CARE_TEAM")))
          .contains(
              new Caller.CareTeamUser(
                  USER_IDS.of(issuer, SUBJECT),
                  Samples.THIS_INSTANCE,
                  scopes,
                  new Sender.CareTeamMember(SUBJECT, null)));
      assertThat(caller(providers, claims("PATIENT")))
          .contains(
              new Caller.PatientUser(
                  USER_IDS.of(issuer, SUBJECT),
                  Samples.THIS_INSTANCE,
                  scopes,
                  new PatientId(SUBJECT)));
    }
    assertThat(log.lines()).isEmpty();
  }

  @Test
  void peopleWithoutTheClaimsDoNot() throws Exception {
    OpenIdProviders providers = providers(Optional.empty());

    assertThat(caller(providers, "{}")).isEmpty();
    assertThat(log.lines()).singleElement().asString().endsWith(": tenant is not a text");
    assertThat(caller(providers, claims("CARE_TEAM").replace("chat2", "chat3"))).isEmpty();
    assertThat(caller(providers, claims("CARE_TEAM").replace("test-den", "other-den"))).isEmpty();
  }

  @Test
  void aCodeIsForTheBrowserThatBegan() throws Exception {
    OpenIdProviders providers = providers(Optional.empty());
    Begun begun = providers.begin(Samples.THIS_INSTANCE).orElseThrow();
    Begun another = providers.begin(Samples.THIS_INSTANCE).orElseThrow();
    String answer = signIn(begun.location(), claims("CARE_TEAM"));

    assertThat(providers.finish(another.pending(), answer)).isEmpty();
    // The provider notices that the code was asked for with another challenge.
    String state = another.pending().value().split("\\.", -1)[0];
    String stolen = answer.replaceAll("state=[^&]*", "state=" + state);
    assertThat(providers.finish(another.pending(), stolen)).isEmpty();
    // It is used up by that.
    assertThat(providers.finish(begun.pending(), answer)).isEmpty();
    assertThat(log.lines()).hasSize(3);

    Begun again = providers.begin(Samples.THIS_INSTANCE).orElseThrow();
    String once = signIn(again.location(), claims("CARE_TEAM"));
    assertThat(providers.finish(again.pending(), once)).isPresent();
    assertThat(providers.finish(again.pending(), once)).isEmpty();
  }
}
