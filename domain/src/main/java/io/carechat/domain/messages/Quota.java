package io.carechat.domain.messages;

import java.util.OptionalLong;

/**
 * How much one instance may send and store.
 *
 * @param messagesPerDay how many messages may be sent on one day of UTC; empty for any number
 * @param storedBytes how many bytes the texts of all stored messages may have together, in UTF-8;
 *     empty for any number
 */
public record Quota(OptionalLong messagesPerDay, OptionalLong storedBytes) {
  /**
   * @throws IllegalArgumentException if a number is not positive, or none is given
   */
  public Quota {
    if (messagesPerDay.orElse(1) < 1 || storedBytes.orElse(1) < 1) {
      throw new IllegalArgumentException("a quota must be 1 or more");
    }
    if (messagesPerDay.isEmpty() && storedBytes.isEmpty()) {
      throw new IllegalArgumentException("needs messages-per-day or stored-bytes");
    }
  }
}
