package io.carechat.bootstrap;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.PlainJWT;
import com.nimbusds.jwt.SignedJWT;
import com.sun.net.httpserver.HttpHandler;
import io.carechat.domain.access.Caller;
import io.carechat.domain.access.Scope;
import io.carechat.domain.chat.ManualClock;
import io.carechat.domain.chat.PatientId;
import io.carechat.domain.chat.Samples;
import io.carechat.domain.chat.Secret;
import io.carechat.domain.chat.Sender;
import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.chat.Unavailable;
import io.carechat.domain.sessions.IdentityProviders.Begun;
import java.net.URI;
import java.net.URLEncoder;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** People sign in at a provider on a port of this machine, which breaks each rule once. */
final class OpenIdProvidersTest {
  private static final URI PUBLIC_URL = URI.create("https://example.org/chat");
  private static final String METADATA = "/.well-known/openid-configuration";
  private static final UserIds USER_IDS = new UserIds(Optional.of(new Secret("k".repeat(32))));

  private final TestProvider provider =
      new TestProvider(URI.create(PUBLIC_URL + "/session/callback"));
  private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 1_000);
  private final ManualClock clock = new ManualClock(Samples.NOON);
  private final ProviderLog log = new ProviderLog();

  @AfterEach
  void end() {
    provider.close();
    log.close();
  }

  private OpenIdProviders providers(Settings.Issuer... issuers) {
    return new OpenIdProviders(
        TrustedIssuer.all(List.of(issuers), USER_IDS, clock, nanos::get),
        PUBLIC_URL,
        nanos::get,
        new SecureRandom());
  }

  private OpenIdProviders providers() {
    return providers(provider.settings("test-den/*"));
  }

  private void pass(Duration time) {
    nanos.addAndGet(time.toNanos());
  }

  /** Somebody signs in, as a browser does it. */
  private Optional<Caller> signIn(OpenIdProviders providers) {
    Begun begun = providers.begin(Samples.THIS_INSTANCE).orElseThrow();
    return providers.finish(begun.pending(), provider.signIn(begun.location()));
  }

  private Caller doctor() {
    return new Caller.CareTeamUser(
        USER_IDS.of(provider.issuer(), TestProvider.SUBJECT),
        Samples.THIS_INSTANCE,
        Set.of(Scope.READ_MESSAGES, Scope.MANAGE_WEBHOOKS),
        new Sender.CareTeamMember(TestProvider.SUBJECT, "Dr."));
  }

  @Test
  void aMemberOfTheCareTeamSignsIn() {
    OpenIdProviders providers = providers();

    assertThat(signIn(providers)).contains(doctor());
    assertThat(signIn(providers)).contains(doctor());
    assertThat(provider.callsOf(METADATA)).isEqualTo(1);
    assertThat(provider.callsOf("/token")).isEqualTo(2);
    assertThat(log.lines()).isEmpty();
  }

  @Test
  void aPatientSignsIn() {
    provider.claims = c -> c.claim("client_type", "PATIENT").claim("scope", "messages:read x");

    assertThat(signIn(providers()))
        .contains(
            new Caller.PatientUser(
                USER_IDS.of(provider.issuer(), TestProvider.SUBJECT),
                Samples.THIS_INSTANCE,
                Set.of(Scope.READ_MESSAGES),
                new PatientId(TestProvider.SUBJECT)));
  }

  @Test
  void aPublicClientHasNoSecret() {
    provider.confidential = false;

    assertThat(signIn(providers())).contains(doctor());
  }

  @Test
  void theBrowserIsSentToTheProviderWithWhatBelongsToThisSignInAlone() {
    OpenIdProviders providers = providers();
    Begun begun = providers.begin(Samples.THIS_INSTANCE).orElseThrow();
    Begun another = providers.begin(Samples.THIS_INSTANCE).orElseThrow();

    assertThat(begun.location().toString()).startsWith(provider.issuer() + "/authorize?");
    Map<String, String> asked = TestProvider.parameters(begun.location().getRawQuery());
    assertThat(asked)
        .containsEntry("theme", "dark")
        .containsEntry("response_type", "code")
        .containsEntry("client_id", TestProvider.CLIENT)
        .containsEntry("scope", "openid chat")
        .containsEntry("redirect_uri", "https://example.org/chat/session/callback")
        .containsEntry("code_challenge_method", "S256")
        .containsOnlyKeys(
            "theme",
            "response_type",
            "client_id",
            "scope",
            "redirect_uri",
            "state",
            "nonce",
            "code_challenge",
            "code_challenge_method");
    Map<String, String> askedNext = TestProvider.parameters(another.location().getRawQuery());
    for (String name : List.of("state", "nonce", "code_challenge")) {
      assertThat(asked.get(name)).hasSize(43).isNotEqualTo(askedNext.get(name));
    }
    assertThat(begun.pending().value()).matches("[A-Za-z0-9._~-]{1,1000}");
    // The verifier, which only the browser's cookie has, is not in the address.
    String verifier = begun.pending().value().split("\\.", -1)[2];
    assertThat(begun.location().toString()).doesNotContain(verifier);
  }

  @Test
  void theLongestNamesFitIntoACookie() {
    var instance = new TenantInstance("t".repeat(63), "i-".repeat(31) + "i");
    Begun begun = providers(provider.settings("*/*")).begin(instance).orElseThrow();

    assertThat(begun.pending().value()).matches("[A-Za-z0-9._~-]{1,1000}");
    assertThat(PendingSignIn.parse(begun.pending()).orElseThrow().instance()).isEqualTo(instance);
  }

  @Test
  void theFirstIssuerWithALoginThatIsTrustedForTheInstanceIsUsed() {
    var withoutLogin =
        new Settings.Issuer(
            "https://without-login",
            "carechat",
            Optional.empty(),
            Optional.of(URI.create(provider.issuer() + "/keys")),
            List.of(InstancePattern.parse("*/*")),
            Duration.ofHours(1));
    var elsewhere =
        new Settings.Issuer(
            "https://elsewhere",
            "carechat",
            Optional.empty(),
            withoutLogin.jwksUrl(),
            List.of(InstancePattern.parse("other-den/*")),
            Duration.ofHours(1),
            provider.settings().login());
    OpenIdProviders providers =
        providers(withoutLogin, elsewhere, provider.settings("test-den/chat2"));

    assertThat(signIn(providers)).contains(doctor());
    assertThat(providers.begin(Samples.OTHER_INSTANCE)).isEmpty();
    assertThat(providers(withoutLogin).begin(Samples.THIS_INSTANCE)).isEmpty();
    assertThat(providers().begin(Samples.OTHER_TENANT)).isEmpty();
  }

  /** Each rule for ID tokens is broken once, and the log says which. */
  @Test
  void refusesIdTokensThatAreNotAsTheyMustBe() {
    Map<String, UnaryOperator<JWTClaimsSet.Builder>> faults = new LinkedHashMap<>();
    faults.put("nonce is not that of this sign-in", c -> c.claim("nonce", "x".repeat(43)));
    faults.put("nonce is not a text", c -> c.claim("nonce", null));
    faults.put("iss is not the issuer", c -> c.issuer("https://other"));
    faults.put("iss is not a text", c -> c.issuer(null));
    faults.put("aud does not name this service", c -> c.audience("carechat"));
    faults.put("aud is not a text", c -> c.audience((String) null));
    faults.put(
        "aud has several values, and azp is missing",
        c -> c.audience(List.of(TestProvider.CLIENT, "other")));
    faults.put("azp is not this service", c -> c.claim("azp", "other"));
    faults.put("azp is not a text", c -> c.claim("azp", 7));
    faults.put("exp has passed", c -> c.expirationTime(Date.from(Samples.NOON.minusSeconds(61))));
    faults.put("exp is not a time", c -> c.expirationTime(null));
    faults.put(
        "exp is later than the longest lifetime allows",
        c -> c.expirationTime(Date.from(Samples.NOON.plus(Duration.ofHours(25)))));
    faults.put("iat is not a time", c -> c.issueTime(null));
    faults.put(
        "iat or nbf is in the future", c -> c.issueTime(Date.from(Samples.NOON.plusSeconds(61))));
    faults.put("sub is not a UUID", c -> c.subject("Grace Hopper"));
    faults.put("sub is not a text", c -> c.subject(null));
    faults.put("tenant is not a text", c -> c.claim("tenant", null));
    faults.put("instance is not a text", c -> c.claim("instance", List.of("chat2")));
    faults.put("tenant or instance is not a name", c -> c.claim("tenant", "Grace Hopper"));
    faults.put("scope is not a text", c -> c.claim("scope", List.of("messages:read")));
    faults.put("client_type is not a text", c -> c.claim("client_type", null));
    faults.put(
        "client_type is neither PATIENT nor CARE_TEAM", c -> c.claim("client_type", "ADMIN"));
    faults.put("title is not a text", c -> c.claim("title", ""));
    faults.put("title cannot be the title of a member", c -> c.claim("title", "x".repeat(101)));
    faults.put("the issuer has no say in this instance", c -> c.claim("tenant", "other-den"));
    // The issuer may issue tokens for it, but the person wants to see another one.
    faults.put(
        "tenant and instance of the ID token are not those that the person wants to see",
        c -> c.claim("instance", "chat3"));
    OpenIdProviders providers = providers();

    faults.forEach((reason, fault) -> {
      provider.claims = fault;
      assertThat(signIn(providers)).as(reason).isEmpty();
      assertThat(log.lines())
          .as(reason)
          .containsExactly(
              "WARNING: Somebody could not sign in at the issuer "
                  + provider.issuer()
                  + ": "
                  + reason);
      log.clear();
    });

    provider.claims =
        c -> c.audience(List.of(TestProvider.CLIENT, "other")).claim("azp", TestProvider.CLIENT);
    assertThat(signIn(providers)).contains(doctor());
  }

  @Test
  void refusesIdTokensThatTheIssuerDidNotSign() throws Exception {
    byte[] publicKey = provider.key.toECPublicKey().getEncoded();
    Map<Function<JWTClaimsSet, String>, String> faults = new LinkedHashMap<>();
    faults.put(
        said -> TestProvider.signedBy(TestProvider.newKey("first"), said),
        "the token is not signed by a key of the issuer");
    faults.put(
        said -> TestProvider.signedBy(TestProvider.newKey("other"), said),
        "the token is not signed by a key of the issuer");
    faults.put(
        said -> {
          String[] parts = provider.signed(said).split("\\.", -1);
          String other =
              provider.signed(new JWTClaimsSet.Builder(said).claim("title", "Prof.").build())
                  .split("\\.", -1)[1];
          return parts[0] + "." + other + "." + parts[2];
        },
        "the token is not signed by a key of the issuer");
    faults.put(said -> new PlainJWT(said).serialize(), "the token is not a signed JWT");
    faults.put(said -> mac(said, publicKey), "the token is not signed by RS256, ES256 or EdDSA");
    faults.put(
        said ->
            provider.signed(
                new JWTClaimsSet.Builder(said).claim("long", "x".repeat(9_000)).build()),
        "the token is longer than 8192 characters");
    faults.put(
        _ -> "a.b.c", "the response of the token endpoint is not one, or its ID token is no JWT");
    faults.put(_ -> "", "the response of the token endpoint is not one, or its ID token is no JWT");
    OpenIdProviders providers = providers();

    faults.forEach((fault, reason) -> {
      provider.token = fault;
      assertThat(signIn(providers)).as(reason).isEmpty();
      assertThat(log.lines()).as(reason).singleElement().asString().endsWith(": " + reason);
      log.clear();
    });

    provider.token = provider::signed;
    assertThat(signIn(providers)).contains(doctor());
  }

  private static String mac(JWTClaimsSet said, byte[] secret) {
    try {
      var jwt = new SignedJWT(new JWSHeader(JWSAlgorithm.HS256), said);
      jwt.sign(new MACSigner(secret));
      return jwt.serialize();
    } catch (JOSEException e) {
      throw new AssertionError(e);
    }
  }

  /** What a browser brings is refused without asking the provider. */
  @Test
  void refusesAnswersThatDoNotBelongToTheSignIn() {
    OpenIdProviders providers = providers();
    Begun begun = providers.begin(Samples.THIS_INSTANCE).orElseThrow();
    Begun another = providers.begin(Samples.THIS_INSTANCE).orElseThrow();
    String answer = provider.signIn(begun.location());
    String code = TestProvider.parameters(answer).getOrDefault("code", "");
    String state = TestProvider.parameters(answer).getOrDefault("state", "");

    for (String other :
        List.of(
            "",
            "code=" + code,
            "code=" + code + "&state=",
            "code=" + code + "&state=" + state + "x",
            "code=" + code + "&state=" + state.substring(1),
            "code=" + code + "&state=" + state + "&state=" + state,
            "code=" + code + "&STATE=" + state,
            answer + "&long=" + "x".repeat(8_192),
            provider.signIn(another.location()),
            "state=%",
            "%ff=%c0&&&=&state")) {
      assertThat(providers.finish(begun.pending(), other)).as(other).isEmpty();
      assertThat(log.lines())
          .as(other)
          .singleElement()
          .asString()
          .isEqualTo(
              "INFO: Somebody could not sign in at the issuer "
                  + provider.issuer()
                  + ": the answer has another state than this browser's sign-in");
      log.clear();
    }
    for (String other :
        List.of(
            "state=" + state,
            "state=" + state + "&code=",
            "state=" + state + "&code=+",
            "state=" + state + "&code=" + code + "&code=" + code)) {
      assertThat(providers.finish(begun.pending(), other)).as(other).isEmpty();
      assertThat(log.lines()).singleElement().asString().endsWith(": the answer has no code");
      log.clear();
    }
    assertThat(provider.callsOf("/token")).isZero();

    assertThat(providers.finish(begun.pending(), answer)).contains(doctor());
  }

  @Test
  void refusesWhatTheBrowserDidNotGetFromTheService() {
    OpenIdProviders providers = providers();
    Begun begun = providers.begin(Samples.THIS_INSTANCE).orElseThrow();
    String answer = provider.signIn(begun.location());
    String pending = begun.pending().value();
    String[] parts = pending.split("\\.", -1);

    for (String other :
        List.of(
            "",
            ".",
            "....",
            pending + ".",
            pending + "\n",
            pending.replace("chat2", "Chat2"),
            pending.replace("test-den", "-den"),
            pending.replace(".chat2", ""),
            pending.substring(1),
            "x".repeat(100_000))) {
      assertThat(providers.finish(new Secret(other), answer)).as(other).isEmpty();
    }
    // For another tenant there is no provider.
    assertThat(providers.finish(new Secret(pending.replace("test-den", "other-den")), answer))
        .isEmpty();
    assertThat(provider.callsOf("/token")).isZero();

    // Another instance than the one that the provider vouches for.
    assertThat(providers.finish(new Secret(pending.replace("chat2", "chat3")), answer)).isEmpty();
    assertThat(log.lines())
        .singleElement()
        .asString()
        .endsWith("are not those that the person wants to see");
    // The verifier of another sign-in: the provider refuses it, by PKCE.
    String otherVerifier = String.join(".", parts[0], parts[1], parts[0], parts[3], parts[4]);
    assertThat(providers.finish(new Secret(otherVerifier), provider.signIn(begun.location())))
        .isEmpty();
    // The nonce of another sign-in.
    String otherNonce = String.join(".", parts[0], parts[0], parts[2], parts[3], parts[4]);
    assertThat(providers.finish(new Secret(otherNonce), provider.signIn(begun.location())))
        .isEmpty();
    assertThat(log.lines()).last().asString().endsWith(": nonce is not that of this sign-in");
  }

  @Test
  void aCodeIsForOneSignIn() {
    OpenIdProviders providers = providers();
    Begun begun = providers.begin(Samples.THIS_INSTANCE).orElseThrow();
    String answer = provider.signIn(begun.location());

    assertThat(providers.finish(begun.pending(), answer)).contains(doctor());
    assertThat(providers.finish(begun.pending(), answer)).isEmpty();
    assertThat(log.lines())
        .singleElement()
        .asString()
        .startsWith("INFO: ")
        .endsWith(": the token endpoint answers with the error invalid_grant");
  }

  /** RFC 9207. */
  @Test
  void theAnswerSaysWhichIssuerItIsFrom() {
    OpenIdProviders providers = providers();
    String right = "&iss=" + URLEncoder.encode(provider.issuer(), UTF_8);
    record Case(String iss, boolean promised, boolean valid) {}
    for (Case each :
        List.of(
            new Case("", false, true),
            new Case("", true, false),
            new Case(right, false, true),
            new Case(right, true, true),
            new Case(right + "%2F", false, false),
            new Case("&iss=https%3A%2F%2Fother", false, false),
            new Case("&iss=", false, false),
            new Case(right + right, false, false))) {
      provider.metadata =
          json ->
              each.promised()
                  ? json.replace("}", ", \"authorization_response_iss_parameter_supported\": true}")
                  : json;
      pass(OpenIdProvider.METADATA_AGE);
      Begun begun = providers.begin(Samples.THIS_INSTANCE).orElseThrow();

      Optional<Caller> caller =
          providers.finish(begun.pending(), provider.signIn(begun.location()) + each.iss());

      assertThat(caller.isPresent()).as("%s", each).isEqualTo(each.valid());
      assertThat(log.lines().isEmpty()).as("%s", each).isEqualTo(each.valid());
      log.clear();
    }
  }

  @Test
  void aProviderMayRefuse() {
    OpenIdProviders providers = providers();
    Begun begun = providers.begin(Samples.THIS_INSTANCE).orElseThrow();
    String state = "&state=" + TestProvider.parameters(begun.location().getRawQuery()).get("state");

    assertThat(
            providers.finish(
                begun.pending(), "error=access_denied&error_description=Grace+Hopper" + state))
        .isEmpty();
    assertThat(providers.finish(begun.pending(), "error=Grace+Hopper&code=x" + state)).isEmpty();
    assertThat(log.lines())
        .containsExactly(
            "INFO: Somebody could not sign in at the issuer "
                + provider.issuer()
                + ": the issuer answers with the error access_denied",
            "INFO: Somebody could not sign in at the issuer "
                + provider.issuer()
                + ": the issuer answers with an unknown error");
    for (String outage : List.of("server_error", "temporarily_unavailable")) {
      assertThatThrownBy(() -> providers.finish(begun.pending(), "error=" + outage + state))
          .isInstanceOf(Unavailable.class);
    }
    // Others cannot end this sign-in by an error.
    log.clear();
    assertThat(providers.finish(begun.pending(), "error=server_error&state=x")).isEmpty();
  }

  @Test
  void refusesWhatTheTokenEndpointShouldNotAnswer() {
    OpenIdProviders providers = providers();
    String noToken = "the response of the token endpoint has no ID token";
    String noResponse = "the response of the token endpoint is not one, or its ID token is no JWT";
    Map<HttpHandler, String> faults = new LinkedHashMap<>();
    faults.put(
        TestProvider.redirecting("/elsewhere"),
        "the token endpoint redirects, which is not followed");
    faults.put(
        TestProvider.answering(400, "{\"error\": \"invalid_client\"}"),
        "the token endpoint answers with the error invalid_client");
    faults.put(
        TestProvider.answering(400, "{\"error\": \"Grace Hopper\"}"),
        "the token endpoint answers with an unknown error");
    faults.put(
        TestProvider.answering(404, "<h1>not found</h1>"),
        "the token endpoint answers with an unknown error");
    faults.put(
        TestProvider.answering(200, "{\"access_token\": \"a\", \"token_type\": \"Bearer\"}"),
        noToken);
    for (String other :
        List.of("", "{}", "[]", "null", "\"\"", "{\"id_token\": 7}", "[".repeat(9_000))) {
      faults.put(TestProvider.answering(200, other), noResponse);
    }
    faults.put(
        exchange -> {
          byte[] html = "<h1>Sign in</h1>".getBytes(UTF_8);
          exchange.getResponseHeaders().set("Content-Type", "not a type");
          exchange.sendResponseHeaders(200, html.length);
          exchange.getResponseBody().write(html);
        },
        noResponse);

    faults.forEach((fault, reason) -> {
      provider.instead.put("/token", fault);
      assertThat(signIn(providers)).as(reason).isEmpty();
      assertThat(log.lines())
          .as(reason)
          .singleElement()
          .asString()
          .startsWith("WARNING: ")
          .endsWith(": " + reason);
      log.clear();
    });
    assertThat(provider.callsOf("/elsewhere")).isZero();
  }

  @Test
  void aTokenEndpointThatDoesNotWorkIsUnavailable() {
    OpenIdProviders providers = providers();
    for (HttpHandler fault :
        List.of(
            TestProvider.answering(500, "{}"),
            TestProvider.answering(503, "{}"),
            TestProvider.answering(429, "{}"),
            TestProvider.huge(),
            provider.endless())) {
      provider.instead.put("/token", fault);
      long begun = System.nanoTime();
      assertThatThrownBy(() -> signIn(providers)).isInstanceOf(Unavailable.class);
      assertThat(Duration.ofNanos(System.nanoTime() - begun))
          .isLessThan(OpenIdProvider.EXCHANGE_TIMEOUT.multipliedBy(4));
    }

    provider.instead.clear();
    assertThat(signIn(providers)).contains(doctor());
  }

  @Test
  void aProviderThatIsDownIsUnavailableUntilItComesBack() {
    provider.goDown();
    OpenIdProviders providers = providers();
    assertThatThrownBy(() -> providers.begin(Samples.THIS_INSTANCE))
        .isInstanceOf(Unavailable.class);
    provider.comeBack();
    // It is not asked again at once.
    for (int i = 0; i < 50; i++) {
      assertThatThrownBy(() -> providers.begin(Samples.THIS_INSTANCE))
          .isInstanceOf(Unavailable.class);
    }
    assertThat(provider.callsOf(METADATA)).isZero();

    pass(FetchedDocument.PAUSE);
    assertThat(signIn(providers)).contains(doctor());

    Begun begun = providers.begin(Samples.THIS_INSTANCE).orElseThrow();
    String answer = provider.signIn(begun.location());
    provider.goDown();
    assertThatThrownBy(() -> providers.finish(begun.pending(), answer))
        .isInstanceOf(Unavailable.class);
    provider.comeBack();
    assertThat(providers.finish(begun.pending(), answer)).contains(doctor());
  }

  @Test
  void metadataAreKeptForAnHour() {
    OpenIdProviders providers = providers();
    assertThat(signIn(providers)).contains(doctor());
    pass(OpenIdProvider.METADATA_AGE.minusSeconds(1));
    assertThat(signIn(providers)).contains(doctor());
    assertThat(provider.callsOf(METADATA)).isEqualTo(1);

    pass(Duration.ofSeconds(1));
    assertThat(signIn(providers)).contains(doctor());
    assertThat(provider.callsOf(METADATA)).isEqualTo(2);
  }

  @Test
  void metadataThatCannotBeUsedAreAFailure() {
    List<UnaryOperator<String>> faults = new ArrayList<>();
    faults.add(json -> json.replace("\"issuer\": \"http", "\"issuer\": \"https"));
    faults.add(
        json -> json.replace("\"issuer\": \"" + provider.issuer(), "\"issuer\": \"https://id/"));
    faults.add(json -> json.replace(provider.issuer() + "/token", "http://id.example.org/token"));
    faults.add(json -> json.replace(provider.issuer() + "/token", "ftp://127.0.0.1/token"));
    faults.add(json -> json.replace(provider.issuer() + "/token", "/token"));
    faults.add(
        json -> json.replace(provider.issuer() + "/authorize", "http://id.example.org/authorize"));
    faults.add(json -> json.replace(provider.issuer() + "/authorize", "javascript:alert(1)//"));
    faults.add(json -> json.replace("token_endpoint", "other_endpoint"));
    faults.add(json -> json.replace("authorization_endpoint", "other_endpoint"));
    for (String other : List.of("", "{}", "[]", "null", "x", "[".repeat(9_000))) {
      faults.add(_ -> other);
    }
    faults.add(json -> json + " ".repeat(300_000));
    for (UnaryOperator<String> fault : faults) {
      provider.metadata = fault;
      OpenIdProviders providers = providers();
      assertThatThrownBy(() -> providers.begin(Samples.THIS_INSTANCE))
          .isInstanceOf(Unavailable.class);
      // Other metadata are fetched after a pause.
      provider.metadata = right -> right;
      pass(FetchedDocument.PAUSE);
      assertThat(providers.begin(Samples.THIS_INSTANCE)).isPresent();
    }
    for (HttpHandler fault :
        List.of(
            TestProvider.answering(500, "{}"),
            TestProvider.redirecting("/elsewhere"),
            TestProvider.huge())) {
      provider.instead.put(METADATA, fault);
      assertThatThrownBy(() -> providers().begin(Samples.THIS_INSTANCE))
          .isInstanceOf(Unavailable.class);
    }
    assertThat(provider.callsOf("/elsewhere")).isZero();
  }

  /**
   * However many strangers want to sign in, a slow provider gets one call, and nobody waits long.
   */
  @Test
  void manyPeopleWaitForOneCallOfASlowProvider() throws Exception {
    provider.instead.put(METADATA, provider.endless());
    OpenIdProviders providers = providers();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Optional<Begun>>> people = new ArrayList<>();
      for (int i = 0; i < 200; i++) {
        people.add(threads.submit(() -> providers.begin(Samples.THIS_INSTANCE)));
      }
      for (Future<Optional<Begun>> person : people) {
        assertThatThrownBy(() -> person.get(30, TimeUnit.SECONDS))
            .hasCauseInstanceOf(Unavailable.class);
      }
    }
    assertThat(provider.callsOf(METADATA)).isEqualTo(1);
  }

  /** Strangers can make up codes. */
  @Test
  void onlySomeCodesAreExchangedAtOnce() throws Exception {
    provider.instead.put("/token", provider.endless());
    OpenIdProviders providers = providers();
    // So many that not even a slow machine serves them one after the other.
    int people = 5 * OpenIdProvider.MAX_EXCHANGES;
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Optional<Caller>>> waiting = new ArrayList<>();
      for (int i = 0; i < people; i++) {
        waiting.add(threads.submit(() -> signIn(providers)));
      }
      for (Future<Optional<Caller>> person : waiting) {
        assertThatThrownBy(() -> person.get(60, TimeUnit.SECONDS))
            .hasCauseInstanceOf(Unavailable.class);
      }
    }
    assertThat(provider.callsOf("/token")).isBetween(1L, people - 1L);

    // Those that ended made room.
    provider.instead.clear();
    assertThat(signIn(providers)).contains(doctor());
  }

  @Test
  void aNewKeyOfTheProviderIsValidAfterOnePause() {
    OpenIdProviders providers = providers();
    assertThat(signIn(providers)).contains(doctor());

    provider.key = TestProvider.newKey("second");
    pass(FetchedDocument.PAUSE);

    assertThat(signIn(providers)).contains(doctor());
  }

  @Test
  void keysThatCannotBeFetchedAreUnavailable() {
    provider.instead.put("/keys", TestProvider.answering(503, "{}"));
    OpenIdProviders providers = providers();
    assertThatThrownBy(() -> signIn(providers)).isInstanceOf(Unavailable.class);

    provider.instead.clear();
    pass(FetchedDocument.PAUSE);
    assertThat(signIn(providers)).contains(doctor());
  }

  /** An ID token is no bearer token, and a bearer token is no ID token. */
  @Test
  void tokensHaveOneUse() throws Exception {
    var tokens = new ArrayList<String>();
    provider.token =
        said -> {
          tokens.add(provider.signed(said));
          return tokens.getLast();
        };
    Settings.Issuer settings = provider.settings("test-den/*");
    var bearer =
        new BearerTokens(TrustedIssuer.all(List.of(settings), USER_IDS, clock, nanos::get));
    OpenIdProviders providers = providers(settings);
    assertThat(signIn(providers)).contains(doctor());
    assertThat(bearer.caller(new Secret(tokens.getFirst()))).isEmpty();

    JWTClaimsSet said = SignedJWT.parse(tokens.getFirst()).getJWTClaimsSet();
    String asBearer = provider.signed(new JWTClaimsSet.Builder(said).audience("carechat").build());
    assertThat(bearer.caller(new Secret(asBearer))).contains(doctor());
    provider.token = _ -> asBearer;
    assertThat(signIn(providers)).isEmpty();
  }

  /** Nothing that a person or the provider wrote is in a log or an exception. */
  @Test
  void nothingIsLoggedThatPeopleOrProvidersWrote() {
    OpenIdProviders providers = providers();
    String planted = "planted" + UUID.randomUUID().toString().replace("-", "");
    provider.claims = c -> c.subject(planted).claim("title", planted);
    assertThat(signIn(providers)).isEmpty();
    provider.claims = c -> c.claim("client_type", planted);
    assertThat(signIn(providers)).isEmpty();
    provider.claims = c -> c.claim("tenant", planted + "!");
    assertThat(signIn(providers)).isEmpty();
    provider.instead.put("/token", TestProvider.answering(400, "{\"error\": \"" + planted + "\"}"));
    assertThat(signIn(providers)).isEmpty();
    Begun begun = providers.begin(Samples.THIS_INSTANCE).orElseThrow();
    assertThat(providers.finish(begun.pending(), "code=" + planted + "&state=" + planted))
        .isEmpty();

    assertThat(log.lines()).hasSize(5).noneMatch(line -> line.contains(planted));
    assertThat(PendingSignIn.parse(begun.pending()).orElseThrow().toString())
        .isEqualTo("PendingSignIn[test-den/chat2]");
  }
}
