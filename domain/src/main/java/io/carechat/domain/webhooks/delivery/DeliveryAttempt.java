package io.carechat.domain.webhooks.delivery;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * An attempt that was made.
 *
 * @param number from 1; a redelivery goes on counting
 * @param took in whole milliseconds
 * @param status of HTTP; null if there was no answer
 * @param note the beginning of the answer, at most 1,000 characters of the partner's own, or why
 *     there was none
 */
public record DeliveryAttempt(
    int number, Instant endedAt, Duration took, @Nullable Integer status, String note) {}
