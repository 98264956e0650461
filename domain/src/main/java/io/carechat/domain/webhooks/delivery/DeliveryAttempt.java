package io.carechat.domain.webhooks.delivery;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * An attempt that was made.
 *
 * @param number the number of the attempt, from 1; a redelivery continues the count
 * @param endedAt when the attempt ended
 * @param took how long the call took, in whole milliseconds
 * @param status the HTTP status; null if there was no answer
 * @param note the beginning of the answer, at most 1,000 characters written by the partner; or why
 *     there was no answer
 */
public record DeliveryAttempt(
    int number, Instant endedAt, Duration took, @Nullable Integer status, String note) {}
