package io.carechat.rest;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;

/** Counts those who wait for events. Safe for use by many threads. */
final class OpenStreams {
  private final int perCredential;
  private final Semaphore free;
  private final Map<String, Integer> byCredential = new ConcurrentHashMap<>();

  OpenStreams(StreamLimits limits) {
    this.perCredential = limits.perCredential();
    this.free = new Semaphore(limits.open());
  }

  /** What came of asking for a place. */
  sealed interface Asked {}

  /** One more waits, until this is closed. */
  final class Place implements Asked, AutoCloseable {
    private final String credentialId;

    private Place(String credentialId) {
      this.credentialId = credentialId;
    }

    @Override
    public void close() {
      leave(credentialId);
      free.release();
    }
  }

  /** The credential has as many as it may. */
  record CredentialHasEnough(int enough) implements Asked {}

  /** There are as many as are borne. */
  record Full() implements Asked {}

  Asked ask(String credentialId) {
    if (byCredential.merge(credentialId, 1, Integer::sum) > perCredential) {
      leave(credentialId);
      return new CredentialHasEnough(perCredential);
    }
    if (!free.tryAcquire()) {
      leave(credentialId);
      return new Full();
    }
    return new Place(credentialId);
  }

  private void leave(String credentialId) {
    byCredential.computeIfPresent(credentialId, (_, count) -> count == 1 ? null : count - 1);
  }
}
