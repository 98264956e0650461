package io.carechat.persistence.webhooks.delivery;

import io.carechat.domain.webhooks.delivery.RedeliveriesContract;
import io.carechat.persistence.StorageTest;

final class PostgresRedeliveriesTest extends StorageTest implements RedeliveriesContract {}
