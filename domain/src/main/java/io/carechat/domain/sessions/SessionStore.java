package io.carechat.domain.sessions;

import io.carechat.domain.chat.ChatId;
import io.carechat.domain.chat.Unavailable;
import java.time.Instant;
import java.util.Optional;

/**
 * Stores sessions and sign-in links for all nodes. It only ever gets hashes of their secrets: who
 * reads the store cannot use what is in it. Safe for use by many threads and by several nodes. What
 * a method has changed is durable and holds on every node when it returns. Every method may throw
 * {@link Unavailable}.
 */
public interface SessionStore {
  /** Stores a session. */
  void add(TokenHash session, Session opened);

  /** Returns a session that has not ended at this time. */
  Optional<Session> find(TokenHash session, Instant now);

  /**
   * Moves the idle end of a session that has not ended at this time. It never moves it to an earlier
   * time.
   *
   * @return the session as it is now; empty if it has ended
   */
  Optional<Session> extend(TokenHash session, Instant now, Instant idleEnd);

  /** Ends a session. Does nothing if it has ended. */
  void remove(TokenHash session);

  /** Stores a sign-in link for a patient. */
  void addLink(TokenHash link, ChatId chat, Instant expiresAt);

  /**
   * Uses a link up.
   *
   * @return the chat of the link; empty if there is none, if it has expired at this time or if it
   *     was used before. Of several calls at once, one alone gets the chat.
   */
  Optional<ChatId> useLink(TokenHash link, Instant now);

  /**
   * Deletes sessions and links that ended before a time.
   *
   * @param limit how many of each, at most
   * @return how many were deleted
   */
  int deleteEnded(Instant before, int limit);
}
