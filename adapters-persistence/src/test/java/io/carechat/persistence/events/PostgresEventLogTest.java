package io.carechat.persistence.events;

import io.carechat.domain.events.EventLogContract;
import io.carechat.persistence.StorageTest;

final class PostgresEventLogTest extends StorageTest implements EventLogContract {}
