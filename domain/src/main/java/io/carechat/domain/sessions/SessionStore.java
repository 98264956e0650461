package io.carechat.domain.sessions;

import io.carechat.domain.chat.ChatId;
import io.carechat.domain.chat.Secret;
import io.carechat.domain.chat.Unavailable;
import java.time.Instant;
import java.util.Optional;

/**
 * Stores sessions and sign-in links for all nodes. It stores hashes of their secrets, and never the
 * secrets themselves: who reads the store cannot use what is in it. The secrets have 256 random
 * bits, so the hash needs no salt and need not be slow.
 *
 * <p>Safe for use by many threads and by several nodes. What a method has changed is durable and
 * holds on every node when it returns. Every method may throw {@link Unavailable}.
 */
public interface SessionStore {
  /**
   * Stores a session.
   *
   * @param token the secret of the session, never used before
   * @param opened its times have whole milliseconds
   */
  void add(Secret token, Session opened);

  /** Returns a session that has not ended at this time. */
  Optional<Session> find(Secret token, Instant now);

  /**
   * Moves the idle end of a session that has not ended at this time. It never moves it to an
   * earlier time, nor beyond the session's end.
   *
   * @param idleEnd in whole milliseconds
   * @return the session as it is now; empty if it has ended
   */
  Optional<Session> extend(Secret token, Instant now, Instant idleEnd);

  /** Ends a session. Does nothing if it has ended. */
  void remove(Secret token);

  /**
   * Stores a sign-in link for a patient.
   *
   * @param link the secret of the link, never used before
   * @param expiresAt from when on it cannot be used, in whole milliseconds
   */
  void addLink(Secret link, ChatId chat, Instant expiresAt);

  /**
   * Uses a link up.
   *
   * @return the chat of the link; empty if there is none, if it has expired at this time or if it
   *     was used before. Of several calls at once, one alone gets the chat.
   */
  Optional<ChatId> useLink(Secret link, Instant now);

  /**
   * Deletes sessions and links that have ended at a time.
   *
   * @param limit how many of each, at most, 1 or more
   * @return how many were deleted
   */
  int deleteEnded(Instant now, int limit);
}
