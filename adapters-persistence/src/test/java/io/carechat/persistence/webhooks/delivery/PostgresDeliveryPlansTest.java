package io.carechat.persistence.webhooks.delivery;

import io.carechat.domain.webhooks.delivery.DeliveryPlansContract;
import io.carechat.persistence.StorageTest;

final class PostgresDeliveryPlansTest extends StorageTest implements DeliveryPlansContract {}
