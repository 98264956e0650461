package io.carechat.bootstrap;

import com.nimbusds.oauth2.sdk.AuthorizationCode;
import com.nimbusds.oauth2.sdk.AuthorizationCodeGrant;
import com.nimbusds.oauth2.sdk.ParseException;
import com.nimbusds.oauth2.sdk.ResponseType;
import com.nimbusds.oauth2.sdk.Scope;
import com.nimbusds.oauth2.sdk.TokenErrorResponse;
import com.nimbusds.oauth2.sdk.TokenRequest;
import com.nimbusds.oauth2.sdk.TokenResponse;
import com.nimbusds.oauth2.sdk.auth.ClientSecretBasic;
import com.nimbusds.oauth2.sdk.http.HTTPRequest;
import com.nimbusds.oauth2.sdk.http.HTTPResponse;
import com.nimbusds.oauth2.sdk.id.ClientID;
import com.nimbusds.oauth2.sdk.id.State;
import com.nimbusds.oauth2.sdk.pkce.CodeChallengeMethod;
import com.nimbusds.oauth2.sdk.pkce.CodeVerifier;
import com.nimbusds.openid.connect.sdk.AuthenticationRequest;
import com.nimbusds.openid.connect.sdk.Nonce;
import com.nimbusds.openid.connect.sdk.OIDCTokenResponse;
import com.nimbusds.openid.connect.sdk.OIDCTokenResponseParser;
import io.carechat.domain.access.Caller;
import io.carechat.domain.chat.Secret;
import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.chat.Unavailable;
import java.lang.System.Logger.Level;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * An issuer at which people sign in with a browser: the authorization code flow of OpenID Connect
 * Core 1.0 (section 3.1) with PKCE (RFC 7636). Redirects of the issuer are not followed.
 *
 * <p>Why somebody could not sign in is in the log, without anything that a person or the issuer
 * wrote. What strangers can cause is logged as information. What takes an account, the issuer or
 * the configuration is a warning. Safe for use by many threads.
 */
final class OpenIdProvider {
  /** How long what the issuer says about itself is used. */
  static final Duration METADATA_AGE = Duration.ofHours(1);

  /** How long exchanging a code may take. */
  static final Duration EXCHANGE_TIMEOUT = Duration.ofSeconds(5);

  /** How many codes are exchanged at once. Strangers can make the service try some. */
  static final int MAX_EXCHANGES = 64;

  private static final System.Logger LOG = System.getLogger(OpenIdProvider.class.getName());

  /** Of RFC 6749 and OpenID Connect. Other codes are not logged, because anybody can make them. */
  private static final Set<String> ERRORS =
      Set.of(
          "access_denied",
          "account_selection_required",
          "consent_required",
          "interaction_required",
          "invalid_client",
          "invalid_grant",
          "invalid_request",
          "invalid_scope",
          "login_required",
          "server_error",
          "temporarily_unavailable",
          "unauthorized_client",
          "unsupported_grant_type",
          "unsupported_response_type");

  private static final Set<String> ERRORS_OF_OUTAGES =
      Set.of("server_error", "temporarily_unavailable");

  private final TrustedIssuer issuer;
  private final Settings.OpenIdLogin login;
  private final URI redirect;
  private final FetchedDocument<OpenIdMetadata> metadata;
  private final IssuerCalls calls = new IssuerCalls(EXCHANGE_TIMEOUT, HttpClient.Redirect.NEVER);
  private final Semaphore exchanges = new Semaphore(MAX_EXCHANGES);

  /**
   * @param login of this issuer
   * @param redirect where the issuer sends the browser
   * @param nanos a clock such as {@link System#nanoTime}
   */
  OpenIdProvider(
      TrustedIssuer issuer, Settings.OpenIdLogin login, URI redirect, LongSupplier nanos) {
    this.issuer = issuer;
    this.login = login;
    this.redirect = redirect;
    String name = issuer.settings().issuer();
    this.metadata =
        new FetchedDocument<>(
            new FetchedDocument.Kind<>(
                "metadata for signing in",
                "application/json",
                HttpClient.Redirect.NEVER,
                METADATA_AGE,
                METADATA_AGE,
                body -> OpenIdMetadata.parse(body, name)),
            OpenIdAddresses.metadataOf(name),
            nanos);
  }

  /** Thrown when somebody cannot sign in. Its message is for the log. */
  private static final class Refused extends Exception {
    private static final long serialVersionUID = 1;
    private final Level level;

    Refused(Level level, String message) {
      super(message, null, false, false);
      this.level = level;
    }
  }

  boolean isFor(TenantInstance instance) {
    return issuer.settings().isFor(instance);
  }

  /**
   * Where the browser must be sent to sign in.
   *
   * @throws Unavailable if the issuer's metadata cannot be fetched
   */
  URI locationOf(PendingSignIn pending) {
    return new AuthenticationRequest.Builder(
            ResponseType.CODE,
            new Scope(login.scopes().toArray(String[]::new)),
            new ClientID(login.clientId()),
            redirect)
        .endpointURI(metadata().authorization())
        .state(new State(pending.state()))
        .nonce(new Nonce(pending.nonce()))
        .codeChallenge(new CodeVerifier(pending.verifier()), CodeChallengeMethod.S256)
        .build()
        .toURI();
  }

  /**
   * Says who has signed in; empty if nobody has.
   *
   * @throws Unavailable if the issuer cannot be reached, or says that it does not work now
   */
  Optional<Caller> finish(PendingSignIn pending, SignInAnswer answer) {
    try {
      // First: an answer that is not for this browser is not worth a call of the issuer.
      checkState(answer, pending);
      OpenIdMetadata known = metadata();
      AuthorizationCode code = codeOf(answer, known);
      return Optional.of(callerOf(idToken(code, pending, known), pending));
    } catch (Refused refused) {
      log(refused.level, refused);
    } catch (TokenClaims.Invalid invalid) {
      log(Level.WARNING, invalid);
    }
    return Optional.empty();
  }

  private void log(Level level, Exception why) {
    LOG.log(
        level,
        "Somebody could not sign in at the issuer {0}: {1}",
        issuer.settings().issuer(),
        why.getMessage());
  }

  private OpenIdMetadata metadata() {
    return metadata
        .known()
        .or(metadata::fetched)
        .orElseThrow(() ->
            new Unavailable(
                "The metadata of an OpenID provider cannot be fetched", FetchedDocument.PAUSE));
  }

  private static void checkState(SignInAnswer answer, PendingSignIn pending) throws Refused {
    if (!answer.only("state").map(state -> isSame(state, pending.state())).orElse(false)) {
      throw new Refused(Level.INFO, "the answer has another state than this browser's sign-in");
    }
  }

  private AuthorizationCode codeOf(SignInAnswer answer, OpenIdMetadata known) throws Refused {
    if ((answer.has("iss") || known.answersWithIssuer())
        && !answer.only("iss").map(issuer.settings().issuer()::equals).orElse(false)) {
      throw new Refused(Level.INFO, "the answer has another iss, or none");
    }
    if (answer.has("error")) {
      String error = answer.only("error").orElse("");
      if (ERRORS_OF_OUTAGES.contains(error)) {
        throw new Unavailable("An OpenID provider answers with " + error, FetchedDocument.PAUSE);
      }
      throw new Refused(Level.INFO, "the issuer answers with " + known(error));
    }
    return answer
        .only("code")
        .map(AuthorizationCode::new)
        .orElseThrow(() -> new Refused(Level.INFO, "the answer has no code"));
  }

  private static String known(@Nullable String error) {
    return error != null && ERRORS.contains(error) ? "the error " + error : "an unknown error";
  }

  // --- the exchange of the code for an ID token

  private Secret idToken(AuthorizationCode code, PendingSignIn pending, OpenIdMetadata known)
      throws Refused {
    if (!exchanges.tryAcquire()) {
      throw new Unavailable("Too many people sign in at once", Duration.ofSeconds(1));
    }
    try {
      return idToken(exchanged(tokenRequest(code, pending, known)));
    } finally {
      exchanges.release();
    }
  }

  private HttpRequest.Builder tokenRequest(
      AuthorizationCode code, PendingSignIn pending, OpenIdMetadata known) {
    var grant = new AuthorizationCodeGrant(code, redirect, new CodeVerifier(pending.verifier()));
    var clientId = new ClientID(login.clientId());
    HTTPRequest request =
        login
            .clientSecret()
            .map(secret ->
                new TokenRequest.Builder(
                    known.token(),
                    new ClientSecretBasic(
                        clientId, new com.nimbusds.oauth2.sdk.auth.Secret(secret.value())),
                    grant))
            .orElseGet(() -> new TokenRequest.Builder(known.token(), clientId, grant))
            .build()
            .toHTTPRequest();
    HttpRequest.Builder sent =
        HttpRequest.newBuilder(known.token())
            .header("Accept", "application/json")
            .header("Content-Type", "application/x-www-form-urlencoded")
            .POST(BodyPublishers.ofString(request.getBody()));
    return login.clientSecret().isPresent()
        ? sent.header("Authorization", request.getAuthorization())
        : sent;
  }

  private HttpResponse<String> exchanged(HttpRequest.Builder request) {
    CompletableFuture<HttpResponse<String>> response = calls.send(request);
    try {
      return response.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      boolean _ = response.cancel(true);
      throw new Unavailable("Exchanging a code was interrupted", FetchedDocument.PAUSE, e);
    } catch (ExecutionException | CancellationException e) {
      throw new Unavailable(
          "The token endpoint of an OpenID provider does not answer in time, or not within the bounds",
          FetchedDocument.PAUSE,
          e);
    }
  }

  private static Secret idToken(HttpResponse<String> response) throws Refused {
    int status = response.statusCode();
    if (status >= 500 || status == 429) {
      throw new Unavailable(
          "The token endpoint of an OpenID provider answers with the status " + status,
          FetchedDocument.PAUSE);
    }
    if (status >= 300 && status < 400) {
      throw new Refused(Level.WARNING, "the token endpoint redirects, which is not followed");
    }
    TokenResponse parsed = parse(response);
    if (parsed instanceof TokenErrorResponse refusal) {
      @Nullable String error = refusal.getErrorObject().getCode();
      // Anybody can make up a code.
      throw new Refused(
          "invalid_grant".equals(error) ? Level.INFO : Level.WARNING,
          "the token endpoint answers with " + known(error));
    }
    @Nullable String idToken =
        parsed instanceof OIDCTokenResponse tokens
            ? tokens.getOIDCTokens().getIDTokenString()
            : null;
    if (idToken == null) {
      throw new Refused(Level.WARNING, "the response of the token endpoint has no ID token");
    }
    return new Secret(idToken);
  }

  private static TokenResponse parse(HttpResponse<String> response) throws Refused {
    try {
      var http = new HTTPResponse(response.statusCode());
      http.setContentType(response.headers().firstValue("Content-Type").orElse(null));
      http.setBody(response.body());
      return OIDCTokenResponseParser.parse(http);
    } catch (ParseException | RuntimeException e) {
      throw new Refused(
          Level.WARNING,
          "the response of the token endpoint is not one, or its ID token is no JWT");
    }
  }

  // --- the ID token

  private Caller callerOf(Secret idToken, PendingSignIn pending) throws TokenClaims.Invalid {
    SignedToken token = SignedToken.read(idToken);
    checkThatItIsForThisSignIn(token.claims(), pending);
    Caller caller = issuer.caller(token, login.clientId());
    if (!caller.instance().equals(pending.instance())) {
      throw new TokenClaims.Invalid(
          "tenant and instance of the ID token are not those that the person wants to see");
    }
    return caller;
  }

  /** What an ID token needs besides what every token needs (OpenID Connect Core 1.0, 3.1.3.7). */
  private void checkThatItIsForThisSignIn(TokenClaims claims, PendingSignIn pending)
      throws TokenClaims.Invalid {
    if (!isSame(claims.text("nonce"), pending.nonce())) {
      throw new TokenClaims.Invalid("nonce is not that of this sign-in");
    }
    // It is optional in bearer tokens.
    var _ = claims.time("iat");
    Optional<String> authorizedParty = claims.optionalText("azp");
    if (authorizedParty.isEmpty() && claims.texts("aud").size() > 1) {
      throw new TokenClaims.Invalid("aud has several values, and azp is missing");
    }
    if (!authorizedParty.map(login.clientId()::equals).orElse(true)) {
      throw new TokenClaims.Invalid("azp is not this service");
    }
  }

  /** Takes as long for a text that is almost right as for another one. */
  private static boolean isSame(String given, String expected) {
    return MessageDigest.isEqual(
        given.getBytes(StandardCharsets.UTF_8), expected.getBytes(StandardCharsets.UTF_8));
  }
}
