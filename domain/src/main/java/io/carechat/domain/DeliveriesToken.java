package io.carechat.domain;

import java.time.Instant;

/**
 * A place among an endpoint's deliveries and a direction from there. It grants nothing: the path
 * and the credential say what may be read.
 *
 * @param pageSize the size of the pages it leads to, unless the caller asks for another
 * @param border the place, exclusive
 * @param before true for what is older than the border, false for what is newer
 */
public record DeliveriesToken(PageSize pageSize, Delivery.Place border, boolean before) {
  /** Before every delivery. */
  static final Delivery.Place START = new Delivery.Place(Instant.EPOCH, LogPosition.START);

  /**
   * @throws IllegalArgumentException if the border's time cannot be printed in the contract's
   *     format
   */
  public DeliveriesToken {
    if (border.createdAt().isBefore(PageToken.EARLIEST)
        || border.createdAt().isAfter(PageToken.LATEST)) {
      throw new IllegalArgumentException(
          "borderDate must be from " + PageToken.EARLIEST + " to " + PageToken.LATEST);
    }
  }

  Deliveries.Range range() {
    return before ? new Deliveries.Range.Before(border) : new Deliveries.Range.After(border);
  }
}
