package io.carechat.persistence.evidence;

import io.carechat.domain.evidence.SealLog;
import io.carechat.domain.evidence.SealLogContract;
import io.carechat.persistence.StorageTest;

final class PostgresSealLogTest extends StorageTest implements SealLogContract {
  @Override
  public SealLog seals() {
    return storage.seals();
  }
}
