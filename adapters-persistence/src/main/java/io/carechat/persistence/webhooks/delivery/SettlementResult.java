package io.carechat.persistence.webhooks.delivery;
import io.carechat.domain.webhooks.delivery.ClaimedDelivery;
import org.jspecify.annotations.Nullable;

/**
 * What became of a {@link Settlement}.
 *
 * @param valid whether the claim was still valid; if not, nothing was recorded
 * @param next the lane's next delivery, claimed, if it was to be gone on with and there is one
 */
record SettlementResult(boolean valid, @Nullable ClaimedDelivery next) {}
