package io.carechat.persistence.webhooks.delivery;

import io.carechat.domain.webhooks.delivery.EndpointStatesContract;
import io.carechat.persistence.StorageTest;

final class PostgresEndpointStatesTest extends StorageTest implements EndpointStatesContract {}
