package io.carechat.persistence.webhooks.delivery;

import io.carechat.domain.webhooks.WebhookAnswer;
import io.carechat.domain.webhooks.delivery.ClaimedDelivery;
import io.carechat.domain.webhooks.delivery.DeliveryState;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * An attempt and what follows from it.
 *
 * @param effect what it says about the endpoint
 * @param state of the delivery from now on
 * @param due when the lane's next attempt is due, if anything waits in it
 * @param now when the attempt ended
 * @param nextLeaseUntil until when the lane's next delivery is to be claimed; null if it is not
 */
record Settlement(
    ClaimedDelivery delivery,
    WebhookAnswer answer,
    Effect effect,
    DeliveryState state,
    Instant due,
    Instant now,
    @Nullable Instant nextLeaseUntil) {
  /** What an attempt says about its endpoint. */
  enum Effect {
    WORKS,
    FAILS,
    NOTHING
  }

  /** The status that the endpoint answered with; null if it did not answer. */
  @Nullable Integer status() {
    return switch (answer) {
      case WebhookAnswer.Answered answered -> answered.status();
      case WebhookAnswer.Failed failed -> null;
    };
  }

  /** The note of the attempt. Characters that PostgreSQL cannot store are replaced. */
  String note() {
    String note =
        switch (answer) {
          case WebhookAnswer.Answered answered -> answered.firstBytes();
          case WebhookAnswer.Failed failed -> failed.reason();
        };
    StringBuilder storable = new StringBuilder(note.length());
    note.codePoints()
        .map(c -> c == 0 || Character.getType(c) == Character.SURROGATE ? 0xFFFD : c)
        .forEach(storable::appendCodePoint);
    return storable.toString();
  }
}
