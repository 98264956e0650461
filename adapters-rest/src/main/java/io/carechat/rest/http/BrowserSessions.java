package io.carechat.rest.http;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.carechat.domain.access.Caller;
import io.carechat.domain.access.FairShares;
import io.carechat.domain.access.FairShares.Share;
import io.carechat.domain.chat.Secret;
import io.carechat.domain.chat.Unavailable;
import io.carechat.domain.sessions.Session;
import io.carechat.domain.sessions.Sessions;
import io.carechat.rest.connections.ConnectionMonitor;
import io.carechat.rest.http.RequestRejected.CrossSite;
import io.carechat.rest.http.RequestRejected.Unauthenticated;
import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.ServerRequestHeaders;
import io.helidon.webserver.http.ServerRequest;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * The sessions of people, as requests of their browsers show them. Safe for use by many threads.
 *
 * <p>A session is looked up in the store for every request, so that a sign-out holds on all nodes
 * at once. That costs a query, which a stranger can cause with a random cookie. So only a few
 * cookies that this node has not seen before are looked up at a time, and only a few for each
 * address. They have connections to the database of their own. Cookies that were valid lately have
 * shares of their own too, which strangers cannot use up.
 */
public final class BrowserSessions {
  static final HeaderName CSRF_TOKEN = HeaderNames.create("X-CSRF-Token");

  /** Methods that change nothing, so that another site gains nothing by causing such a request. */
  private static final Set<String> SAFE = Set.of("GET", "HEAD");

  private static final Duration MAX_WAIT = Duration.ofSeconds(1);
  private static final Duration RETRY_AFTER = Duration.ofSeconds(1);
  private static final int MAX_KNOWN = 100_000;
  private static final int LOOKUPS_OF_KNOWN = 16;
  private static final int LOOKUPS_PER_SESSION = 4;
  private static final int LOOKUPS_OF_UNKNOWN = 4;

  /** Those who wait count too, so one address must not have the whole. */
  private static final int LOOKUPS_PER_ADDRESS = 1;

  private static final int WAITING_FOR_EACH = 32;

  private final Sessions sessions;
  private final RequestOrigin origin;

  /** Tokens that were valid when they were looked up last. That alone admits nobody. */
  private final Cache<Secret, Boolean> known =
      Caffeine.newBuilder()
          .maximumSize(MAX_KNOWN)
          .expireAfterAccess(Sessions.IDLE)
          .executor(Runnable::run)
          .build();

  private final FairShares ofKnown =
      new FairShares(LOOKUPS_OF_KNOWN, MAX_WAIT, WAITING_FOR_EACH, System::nanoTime);
  private final FairShares ofUnknown =
      new FairShares(LOOKUPS_OF_UNKNOWN, MAX_WAIT, WAITING_FOR_EACH, System::nanoTime);

  /**
   * @param sessions finds, opens and ends sessions
   * @param publicUrl where browsers reach the service
   */
  public BrowserSessions(Sessions sessions, URI publicUrl) {
    this.sessions = sessions;
    this.origin = new RequestOrigin(publicUrl);
  }

  /**
   * A session that a request has shown.
   *
   * @param token what the browser keeps
   */
  public record SignedIn(Secret token, Session session) {
    /** Returns who it is. */
    public Caller caller() {
      return session.caller();
    }

    /** Returns what the page must send with requests that change something. */
    public Secret csrfToken() {
      return BrowserSessions.csrfToken(token);
    }
  }

  /**
   * Returns the session of a request.
   *
   * @return empty if the request has no cookie of a session
   * @throws RequestRejected if the cookie is there twice or its session has ended; if the request
   *     comes from another origin; or if it could change something and has no valid CSRF token
   * @throws Unavailable if the session cannot be looked up now
   */
  Optional<SignedIn> find(ServerRequest request) {
    List<String> cookies = Cookies.values(request.headers(), Cookies.SESSION);
    if (cookies.isEmpty()) {
      return Optional.empty();
    }
    if (cookies.size() > 1) {
      throw new Unauthenticated("Send the cookie of the session only once.");
    }
    var token = new Secret(cookies.getFirst());
    if (!Sessions.isSecret(token)) {
      throw ended();
    }
    requireNotForeign(request);
    if (!SAFE.contains(request.prologue().method().text())) {
      requireCsrfToken(request.headers(), token);
    }
    Session session =
        lookUp(token, ConnectionMonitor.CURRENT.get().address())
            .orElseThrow(BrowserSessions::ended);
    return Optional.of(new SignedIn(token, session));
  }

  /** Returns whether a request has a cookie of a session, valid or not. */
  static boolean areShownBy(ServerRequestHeaders headers) {
    return !Cookies.values(headers, Cookies.SESSION).isEmpty();
  }

  /**
   * Looks the session of a request up again: who it is now, or nobody if it has ended. It was
   * valid, so strangers cannot hold up this.
   */
  Supplier<Optional<Caller>> lookup(Secret token) {
    return () ->
        limited(ofKnown, new Share(token, LOOKUPS_PER_SESSION), () -> sessions.find(token))
            .map(Session::caller);
  }

  private static Unauthenticated ended() {
    return new Unauthenticated("The session has ended. Sign in again.");
  }

  private Optional<Session> lookUp(Secret token, String address) {
    boolean isKnown = known.getIfPresent(token) != null;
    Optional<Session> found =
        isKnown
            ? limited(ofKnown, new Share(token, LOOKUPS_PER_SESSION), () -> sessions.find(token))
            : limited(
                ofUnknown, new Share(address, LOOKUPS_PER_ADDRESS), () -> sessions.find(token));
    if (found.isEmpty()) {
      known.invalidate(token);
    } else if (!isKnown) {
      known.put(token, true);
    }
    return found;
  }

  private static <T> T limited(FairShares shares, Share share, Supplier<T> work) {
    try (FairShares.Permit _ = shares.acquire(List.of(share))) {
      return work.get();
    } catch (FairShares.Exhausted e) {
      throw new Unavailable("too many sessions are being looked up", RETRY_AFTER);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new Unavailable("the wait for a session was interrupted", RETRY_AFTER, e);
    }
  }

  // --- opening and ending ---

  /**
   * Opens a session for somebody whose identity is certain, and ends the one that the browser has
   * shown, if there is one.
   */
  public SignedIn open(ServerRequest request, Caller caller) {
    return opened(request, sessions.open(caller));
  }

  /**
   * Opens a session by a sign-in link, and ends the one that the browser has shown.
   *
   * @return empty if the link was used, has expired or never was one
   */
  public Optional<SignedIn> openByLink(ServerRequest request, Secret link) {
    if (!Sessions.isSecret(link)) {
      return Optional.empty();
    }
    var share = new Share(ConnectionMonitor.CURRENT.get().address(), LOOKUPS_PER_ADDRESS);
    return limited(ofUnknown, share, () -> sessions.openByLink(link))
        .map(session -> opened(request, session));
  }

  private SignedIn opened(ServerRequest request, Sessions.Opened opened) {
    known.put(opened.token(), true);
    // Whoever planted a session in this browser, or still uses it elsewhere, is out now.
    closeShown(request);
    return new SignedIn(opened.token(), opened.session());
  }

  private void closeShown(ServerRequest request) {
    shown(request).forEach(this::close);
  }

  /** Ends the session that a browser has shown, unless another site has caused the request. */
  public void end(ServerRequest request) {
    if (origin.of(request.headers()) != RequestOrigin.Kind.FOREIGN) {
      String address = ConnectionMonitor.CURRENT.get().address();
      shown(request).filter(token -> lookUp(token, address).isPresent()).forEach(this::close);
    }
  }

  /** There is at most one, unless somebody else than a browser has made the request. */
  private static Stream<Secret> shown(ServerRequest request) {
    return Cookies.values(request.headers(), Cookies.SESSION).stream()
        .limit(2)
        .map(Secret::new)
        .filter(Sessions::isSecret);
  }

  /** Ends a session. */
  public void close(Secret token) {
    sessions.close(token);
    known.invalidate(token);
  }

  /**
   * Notes that the person has done something.
   *
   * @return the session as it is now; empty if it has ended
   */
  public Optional<SignedIn> keepAlive(SignedIn signedIn) {
    return sessions
        .keepAlive(signedIn.token())
        .map(session -> new SignedIn(signedIn.token(), session));
  }

  /** Returns in how many whole seconds a session ends if the person does nothing, 0 or more. */
  public long idleSeconds(Session session) {
    return sessions.idleTime(session).toSeconds();
  }

  // --- requests that another site has caused ---

  private void requireNotForeign(ServerRequest request) {
    if (origin.of(request.headers()) == RequestOrigin.Kind.FOREIGN) {
      throw foreign();
    }
  }

  /**
   * Checks that a page of the service itself sends a request. It is for what needs no session, and
   * so has no CSRF token.
   *
   * @throws RequestRejected if the request does not say so
   */
  public void requireOwn(ServerRequest request) {
    if (origin.of(request.headers()) != RequestOrigin.Kind.OWN) {
      throw foreign();
    }
  }

  private static CrossSite foreign() {
    return new CrossSite(
        "The request does not come from a page of this service. The cookie of a session is for these"
            + " pages alone: use an API key or a bearer token.");
  }

  private static void requireCsrfToken(ServerRequestHeaders headers, Secret token) {
    List<String> values = headers.all(CSRF_TOKEN, List::of);
    if (values.size() != 1
        || !MessageDigest.isEqual(bytes(csrfToken(token).value()), bytes(values.getFirst()))) {
      throw new CrossSite(
          "With the cookie of a session, a request that changes something needs the header"
              + " X-CSRF-Token with the csrfToken of this session.");
    }
  }

  /**
   * Returns the CSRF token of a session. It follows from the session's token, which nobody can find
   * from it: that has 256 random bits. So it need not be stored.
   */
  private static Secret csrfToken(Secret token) {
    try {
      return new Secret(
          Base64.getUrlEncoder()
              .withoutPadding()
              .encodeToString(
                  MessageDigest.getInstance("SHA-256").digest(bytes("csrf:" + token.value()))));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
