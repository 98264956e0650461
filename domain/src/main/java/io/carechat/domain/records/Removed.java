package io.carechat.domain.records;

/**
 * How many rows an erasure has removed from the database so far. Each count is 0 or more.
 *
 * @param messages messages, with their texts and idempotency keys
 * @param events events about these messages
 * @param deliveries deliveries of these events to webhooks, made or waiting
 * @param attempts attempts of these deliveries, with the beginnings of the partners' answers
 * @param readMarkers read markers of both sides
 * @param sessions sessions of the patient, and links that sign the patient in
 */
public record Removed(
    long messages, long events, long deliveries, long attempts, long readMarkers, long sessions) {
  /** Nothing. */
  public static final Removed NOTHING = new Removed(0, 0, 0, 0, 0, 0);
}
