package io.carechat.domain.sessions;

import io.carechat.domain.access.AccessDenied;
import io.carechat.domain.access.Caller;
import io.carechat.domain.access.Scope;
import io.carechat.domain.chat.ChatId;
import io.carechat.domain.chat.Secret;
import io.carechat.domain.chat.Unavailable;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;

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

  private static final Set<Scope> OF_PATIENTS =
      Set.copyOf(EnumSet.of(Scope.READ_MESSAGES, Scope.SEND_MESSAGES));

  private final SessionStore store;
  private final RandomGenerator random;
  private final InstantSource clock;

  /**
   * @param store where sessions are kept
   * @param random makes secrets
   * @param clock says the time
   */
  public Sessions(SessionStore store, SecureRandom random, InstantSource clock) {
    this.store = store;
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

  /** Opens a session for somebody whose identity is certain. */
  public Opened open(Caller caller) {
    Instant now = clock.instant();
    var opened =
        new Opened(
            randomSecret(),
            new Session(caller, randomSecret(), now.plus(IDLE), now.plus(LIFETIME)));
    store.add(TokenHash.of(opened.token()), opened.session());
    return opened;
  }

  /** Returns the session of a token. The result is empty if there is none, or if it has ended. */
  public Optional<Session> find(Secret token) {
    return store.find(TokenHash.of(token), clock.instant());
  }

  /**
   * Notes that the person has done something, so that the session does not end for idleness.
   *
   * @return the session as it is now; empty if it has ended
   */
  public Optional<Session> keepAlive(Secret token) {
    Instant now = clock.instant();
    return store.extend(TokenHash.of(token), now, now.plus(IDLE));
  }

  /** Ends a session. Does nothing if it has ended. */
  public void close(Secret token) {
    store.remove(TokenHash.of(token));
  }

  /**
   * Makes a link that signs the patient of a chat in. The chat need not have a message yet.
   *
   * @throws AccessDenied if the caller may not sign patients in
   */
  public Link createLink(Caller caller, ChatId chat) {
    caller.require(Scope.SIGN_IN_PATIENTS, chat);
    var link = new Link(randomSecret(), clock.instant().plus(LINK_LIFETIME));
    store.addLink(TokenHash.of(link.token()), chat, link.expiresAt());
    return link;
  }

  /**
   * Opens a session for the patient whom a link is for.
   *
   * @param credentialIds makes the id by which the patient's session appears in logs
   * @return empty if the link was used before, has expired, or never was one
   */
  public Optional<Opened> openByLink(Secret link, CredentialIds credentialIds) {
    return store
        .useLink(TokenHash.of(link), clock.instant())
        .map(chat ->
            open(
                new Caller.PatientUser(
                    credentialIds.of(chat), chat.instance(), OF_PATIENTS, chat.patient())));
  }

  /** Makes ids of credentials that do not reveal who the patient is. */
  @FunctionalInterface
  public interface CredentialIds {
    /** Returns the id of the credential of a patient who came by a link. */
    String of(ChatId chat);
  }

  private Secret randomSecret() {
    byte[] bytes = new byte[32];
    random.nextBytes(bytes);
    return new Secret(Base64.getUrlEncoder().withoutPadding().encodeToString(bytes));
  }
}
