package io.carechat.domain.feeds;

import io.carechat.domain.access.Caller;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The readers that are open, by the credentials that opened them. Safe for use by many threads. */
final class OpenReaders {
  private final Map<String, Set<FeedReader>> byCredential = new ConcurrentHashMap<>();

  /** Is closed when the reader is closed. */
  interface Registration extends AutoCloseable {
    @Override
    void close();
  }

  Registration add(Caller caller, FeedReader reader) {
    String credential = caller.credentialId();
    byCredential.compute(
        credential,
        (id, readers) -> {
          Set<FeedReader> all = readers == null ? new HashSet<>() : readers;
          all.add(reader);
          return all;
        });
    return () ->
        byCredential.computeIfPresent(
            credential,
            (id, readers) -> {
              readers.remove(reader);
              return readers.isEmpty() ? null : readers;
            });
  }

  /** Ends the waiting of all readers of a credential. */
  void end(String credential) {
    readersOf(credential).forEach(FeedReader::end);
  }

  private List<FeedReader> readersOf(String credential) {
    var found = new HashSet<FeedReader>();
    // The sets are changed within the map's own locks only.
    byCredential.computeIfPresent(
        credential,
        (id, readers) -> {
          found.addAll(readers);
          return readers;
        });
    return List.copyOf(found);
  }
}
