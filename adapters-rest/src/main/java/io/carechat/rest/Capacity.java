package io.carechat.rest;

import io.carechat.domain.Unavailable;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;

/** How many requests are carried out at once. Safe for use by many threads. */
final class Capacity {
  private final Semaphore room;

  Capacity(int requests) {
    this.room = new Semaphore(requests);
  }

  /** Does it now, or not at all: what waits in a queue is too late when its turn comes. */
  <T> T bounded(Supplier<T> work) {
    if (!room.tryAcquire()) {
      throw new Unavailable("as many requests as allowed are under way", Duration.ofSeconds(1));
    }
    try {
      return work.get();
    } finally {
      room.release();
    }
  }
}
