package io.carechat.persistence.records;

import io.carechat.domain.records.Erasures;
import io.carechat.domain.records.LegalHolds;
import io.carechat.domain.records.RecordsContract;
import io.carechat.domain.records.Restrictions;
import io.carechat.domain.records.RetentionCandidates;
import io.carechat.persistence.StorageTest;

final class PostgresRecordsTest extends StorageTest implements RecordsContract {
  @Override
  public Erasures erasures() {
    return storage.erasures();
  }

  @Override
  public Restrictions restrictions() {
    return storage.restrictions();
  }

  @Override
  public LegalHolds holds() {
    return storage.legalHolds();
  }

  @Override
  public RetentionCandidates candidates() {
    return storage.retentionCandidates();
  }
}
