package io.carechat.rest;

import io.carechat.domain.Unavailable;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;

/** Room for so many requests at once. Safe for use by many threads. */
final class Room {
  private final Semaphore places;

  /**
   * @param requests how many may be carried out at once
   */
  Room(int requests) {
    this.places = new Semaphore(requests);
  }

  /**
   * Does it now, or not at all: what waits in a queue is too late when its turn comes.
   *
   * @throws Unavailable if there is no room
   */
  <T> T with(Supplier<T> work) {
    if (!places.tryAcquire()) {
      throw new Unavailable("as many requests as allowed are under way", Duration.ofSeconds(1));
    }
    try {
      return work.get();
    } finally {
      places.release();
    }
  }
}
