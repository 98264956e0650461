package io.carechat.persistence.webhooks.delivery;

import io.carechat.domain.webhooks.delivery.ClaimedDelivery;
import org.jspecify.annotations.Nullable;

/**
 * The result of a {@link Settlement}.
 *
 * @param valid whether the claim was still valid; if not, nothing was recorded
 * @param next the lane's next delivery, claimed; null if none was to be claimed, or there is none
 */
record SettlementResult(boolean valid, @Nullable ClaimedDelivery next) {}
