package io.carechat.persistence.inbox;

import io.carechat.domain.inbox.ReadMarkersContract;
import io.carechat.persistence.StorageTest;

final class PostgresReadMarkersTest extends StorageTest implements ReadMarkersContract {}
