package io.carechat.domain.sessions;

import io.carechat.domain.access.AccessDenied;
import io.carechat.domain.access.Caller;
import io.carechat.domain.access.Scope;
import io.carechat.domain.chat.ChatId;
import io.carechat.domain.chat.Secret;
import io.carechat.domain.chat.Unavailable;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;

/**
 * Opens, finds and ends the sessions of people with a browser. Safe for use by many threads. Every
 * method may throw {@link Unavailable}.
 */
public final class Sessions {
  /** How long a session lasts while the person does nothing. */
  public static final Duration IDLE = Duration.ofMinutes(15);

  /** How long a session lasts in any case. */
  public static final Duration LIFETIME = Duration.ofHours(12);

  /** How long a sign-in link can be used. */
  public static final Duration LINK_LIFETIME = Duration.ofMinutes(5);

  private static final int SECRET_BYTES = 32;

  /** How every token and every secret of a link looks: 32 bytes in base64url without padding. */
  private static final Pattern SECRET = Pattern.compile("[A-Za-z0-9_-]{43}");

  private static final Set<Scope> OF_PATIENTS =
      Set.copyOf(EnumSet.of(Scope.READ_MESSAGES, Scope.SEND_MESSAGES));

  private final SessionStore store;
  private final CredentialIds credentialIds;
  private final RandomGenerator random;
  private final InstantSource clock;

  /**
   * @param store where sessions are kept
   * @param credentialIds makes the ids by which patients who come by links appear in logs
   * @param random makes secrets; it must be cryptographically strong
   * @param clock says the time; the clocks of all nodes should agree
   */
  public Sessions(
      SessionStore store,
      CredentialIds credentialIds,
      RandomGenerator random,
      InstantSource clock) {
    this.store = store;
    this.credentialIds = credentialIds;
    this.random = random;
    this.clock = clock;
  }

  /**
   * A session that was opened.
   *
   * @param token what the browser keeps, and nobody else
   */
  public record Opened(Secret token, Session session) {}

  /**
   * A link that signs a patient in, once.
   *
   * @param token the secret of the link
   * @param expiresAt until when it can be used
   */
  public record Link(Secret token, Instant expiresAt) {}

  /**
   * Opens a session for somebody whose identity is certain. Its token is always a new one.
   *
   * @throws IllegalArgumentException if the caller is no person
   */
  public Opened open(Caller caller) {
    Instant now = now();
    var opened =
        new Opened(randomSecret(), new Session(caller, now.plus(IDLE), now.plus(LIFETIME)));
    store.add(opened.token(), opened.session());
    return opened;
  }

  /** Returns the session of a token. The result is empty if there is none, or if it has ended. */
  public Optional<Session> find(Secret token) {
    return isSecret(token) ? store.find(token, now()) : Optional.empty();
  }

  /**
   * Notes that the person has done something, so that the session does not end for idleness.
   *
   * @return the session as it is now; empty if it has ended
   */
  public Optional<Session> keepAlive(Secret token) {
    Instant now = now();
    return isSecret(token) ? store.extend(token, now, now.plus(IDLE)) : Optional.empty();
  }

  /** Returns how long a session lasts if the person does nothing; zero if it has ended. */
  public Duration idleTime(Session session) {
    Duration left = Duration.between(now(), session.idleEnd());
    return left.isNegative() ? Duration.ZERO : left;
  }

  /** Ends a session. Does nothing if it has ended. */
  public void close(Secret token) {
    if (isSecret(token)) {
      store.remove(token);
    }
  }

  /**
   * Checks that a caller may sign the patient of a chat in. A patient never may, whatever the
   * scopes are: who has a patient's token for an hour must not get a session for longer.
   *
   * @throws AccessDenied if the caller may not
   */
  public void requireMayCreateLink(Caller caller, ChatId chat) {
    caller.require(Scope.SIGN_IN_PATIENTS, chat.instance());
  }

  /**
   * Makes a link that signs the patient of a chat in. The chat need not have a message yet.
   *
   * @throws AccessDenied as {@link #requireMayCreateLink} does
   */
  public Link createLink(Caller caller, ChatId chat) {
    requireMayCreateLink(caller, chat);
    var link = new Link(randomSecret(), now().plus(LINK_LIFETIME));
    store.addLink(link.token(), chat, link.expiresAt());
    return link;
  }

  /**
   * Opens a session for the patient whom a link is for.
   *
   * @return empty if the link was used before, has expired, or never was one
   */
  public Optional<Opened> openByLink(Secret link) {
    if (!isSecret(link)) {
      return Optional.empty();
    }
    return store
        .useLink(link, now())
        .map(chat ->
            open(
                new Caller.PatientUser(
                    credentialIds.of(chat), chat.instance(), OF_PATIENTS, chat.patient())));
  }

  /**
   * Deletes what can never be used again.
   *
   * @param limit how many sessions and how many links, at most
   * @return whether there may be more
   */
  public boolean deleteEnded(int limit) {
    return store.deleteEnded(now(), limit) >= limit;
  }

  /**
   * Returns whether a text can be the token of a session or the secret of a link. What cannot needs
   * no look into the store.
   */
  public static boolean isSecret(Secret text) {
    return SECRET.matcher(text.value()).matches();
  }

  /** Makes ids of credentials that do not reveal who the patient is. */
  @FunctionalInterface
  public interface CredentialIds {
    /** Returns the id of the credential of a patient who came by a link. */
    String of(ChatId chat);
  }

  private Secret randomSecret() {
    byte[] bytes = new byte[SECRET_BYTES];
    random.nextBytes(bytes);
    return new Secret(Base64.getUrlEncoder().withoutPadding().encodeToString(bytes));
  }

  /** The store keeps whole milliseconds. */
  private Instant now() {
    return clock.instant().truncatedTo(ChronoUnit.MILLIS);
  }
}
