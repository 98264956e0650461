package io.carechat.persistence.webhooks.delivery;

import io.carechat.domain.webhooks.delivery.DeliveryQueriesContract;
import io.carechat.persistence.StorageTest;

final class PostgresDeliveryQueriesTest extends StorageTest implements DeliveryQueriesContract {}
