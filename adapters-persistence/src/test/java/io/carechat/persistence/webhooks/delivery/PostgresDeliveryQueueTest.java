package io.carechat.persistence.webhooks.delivery;

import io.carechat.domain.webhooks.delivery.DeliveryQueueContract;
import io.carechat.persistence.StorageTest;

final class PostgresDeliveryQueueTest extends StorageTest implements DeliveryQueueContract {}
