package io.carechat.domain.sessions;

import io.carechat.domain.access.Caller;
import java.time.Instant;

/**
 * A person who is signed in with a browser. It has ended once {@code idleEnd} is reached.
 *
 * @param caller who it is; a patient or a member of the care team
 * @param idleEnd when the session ends unless the person does something before
 * @param end the latest time that {@code idleEnd} can be moved to
 */
public record Session(Caller caller, Instant idleEnd, Instant end) {
  /**
   * @throws IllegalArgumentException if the caller is no person, or {@code idleEnd} is after {@code
   *     end}
   */
  public Session {
    if (caller instanceof Caller.Partner) {
      throw new IllegalArgumentException("a session is of a person, not of a partner's server");
    }
    if (idleEnd.isAfter(end)) {
      throw new IllegalArgumentException("idleEnd is after the end");
    }
  }
}
