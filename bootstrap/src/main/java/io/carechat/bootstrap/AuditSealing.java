package io.carechat.bootstrap;

import io.carechat.bootstrap.evidence.CheckpointFile;
import io.carechat.bootstrap.evidence.PublicKeyLine;
import io.carechat.bootstrap.evidence.SigningKeyFile;
import io.carechat.domain.evidence.AuditRetention;
import io.carechat.domain.evidence.AuditVerification;
import io.carechat.domain.evidence.CheckpointWitness;
import io.carechat.domain.evidence.Sealer;
import io.carechat.domain.evidence.VerifyingKey;
import io.carechat.domain.evidence.VerifyingKeys;
import io.carechat.persistence.PostgresStorage;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Seals the audit, if there is a signing key, and verifies it. Safe for use by many threads.
 *
 * <p>Without a signing key the rows are recorded but not sealed. The lag then grows from the start
 * on, so that an alert on it tells the operator.
 */
final class AuditSealing implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(AuditSealing.class.getName());

  /** A checkpoint with so many rows needs 107 KB for the beginnings of their hashes. */
  private static final int MAX_ROWS = 10_000;

  private static final Duration RETENTION_POLL = Duration.ofHours(1);
  private static final Duration FILE_POLL = Duration.ofSeconds(1);

  private final Closeables parts = new Closeables();
  private final AuditVerification verification;
  private final Optional<Sealer> sealer;
  private final InstantSource clock;
  private final Instant startedAt;

  private AuditSealing(Settings.Audit settings, PostgresStorage storage) {
    clock = storage.sharedClock();
    startedAt = clock.instant();
    Optional<SigningKeyFile> key = settings.signingKeyFile().map(SigningKeyFile::read);
    VerifyingKeys keys = keys(settings, key);
    try {
      CheckpointWitness witness =
          settings
              .checkpointFile()
              .<CheckpointWitness>map(file -> {
                var opened = parts.add(new CheckpointFile(file, storage.seals(), keys));
                parts.add(
                    new PollingWorker("audit checkpoint file", opened::follow, FILE_POLL).start());
                return opened;
              })
              .orElse(CheckpointWitness.NONE);
      verification =
          new AuditVerification(storage.auditLog(), storage.seals(), keys, witness, MAX_ROWS);
      sealer =
          key.map(signing ->
              new Sealer(
                  storage.auditLog(), storage.seals(), signing, keys, witness, MAX_ROWS, clock));
      sealer.ifPresentOrElse(
          made ->
              parts.add(
                  new PollingWorker(
                          "audit sealer",
                          () -> {
                            made.sealAll();
                            return false;
                          },
                          settings.checkpointInterval())
                      .start()),
          () ->
              LOG.log(
                  System.Logger.Level.WARNING,
                  "The audit is recorded but not sealed: audit.signing-key-file is not set"));
      settings
          .keep()
          .ifPresent(kept -> key.ifPresent(signing -> remove(storage, signing, keys, kept)));
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  /** Starts the thread that removes what need not be kept. */
  private void remove(
      PostgresStorage storage, SigningKeyFile key, VerifyingKeys keys, Duration kept) {
    var retention = new AuditRetention(storage.auditLog(), storage.seals(), key, keys, kept, clock);
    parts.add(
        new PollingWorker(
                "audit retention",
                () -> {
                  long removed = retention.removeAll();
                  if (removed > 0) {
                    LOG.log(
                        System.Logger.Level.INFO, "{0} rows of the audit were removed", removed);
                  }
                  return false;
                },
                RETENTION_POLL)
            .start());
  }

  /**
   * Starts the threads.
   *
   * @throws IllegalStateException if the file of checkpoints cannot be used
   */
  static AuditSealing start(Settings.Audit settings, PostgresStorage storage) {
    return new AuditSealing(settings, storage);
  }

  private static VerifyingKeys keys(Settings.Audit settings, Optional<SigningKeyFile> key) {
    Map<String, VerifyingKey> keys = new LinkedHashMap<>();
    key.map(SigningKeyFile::publicKey).ifPresent(each -> keys.put(each.keyId(), each));
    settings.earlierKeys().stream()
        .map(PublicKeyLine::parse)
        .forEach(each -> keys.put(each.keyId(), each));
    return new VerifyingKeys(keys.values());
  }

  /** Verifies the audit. */
  AuditVerification verification() {
    return verification;
  }

  /** For how long the oldest row that is not sealed may have waited. */
  Duration lag() {
    return sealer
        .map(Sealer::lag)
        .orElseGet(() -> Duration.between(startedAt, clock.instant()).abs());
  }

  /** How many instances are not sealed, because their checkpoints were tampered with. */
  int refusedInstances() {
    return sealer.map(Sealer::refusedInstances).orElse(0);
  }

  @Override
  public void close() {
    parts.close();
  }
}
