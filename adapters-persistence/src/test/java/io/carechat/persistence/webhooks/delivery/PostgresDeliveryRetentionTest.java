package io.carechat.persistence.webhooks.delivery;

import io.carechat.domain.webhooks.delivery.DeliveryRetentionContract;
import io.carechat.persistence.StorageTest;

final class PostgresDeliveryRetentionTest extends StorageTest
    implements DeliveryRetentionContract {}
