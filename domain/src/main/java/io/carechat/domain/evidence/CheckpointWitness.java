package io.carechat.domain.evidence;

import io.carechat.domain.chat.TenantInstance;
import java.util.List;
import java.util.Optional;

/**
 * Checkpoints that are kept outside the database. They show that the whole tree was computed again.
 * Safe for use by many threads.
 */
public interface CheckpointWitness {
  /** A witness that has seen nothing. */
  CheckpointWitness NONE =
      new CheckpointWitness() {
        @Override
        public Optional<SignedCheckpoint> last(TenantInstance instance) {
          return Optional.empty();
        }

        @Override
        public List<SignedCheckpoint> all(TenantInstance instance) {
          return List.of();
        }
      };

  /** Returns the last checkpoint of an instance. The result is empty if none is known. */
  Optional<SignedCheckpoint> last(TenantInstance instance);

  /**
   * Returns all checkpoints of an instance, in the order in which they were written. This may take
   * long.
   */
  List<SignedCheckpoint> all(TenantInstance instance);
}
