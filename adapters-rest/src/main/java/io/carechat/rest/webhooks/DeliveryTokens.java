package io.carechat.rest.webhooks;

import io.carechat.domain.paging.InvalidPageToken;
import io.carechat.domain.paging.PageToken;
import io.carechat.domain.webhooks.delivery.Delivery;
import io.carechat.rest.events.EventIds;
import io.carechat.rest.paging.PageTokenCodec;
import io.carechat.rest.paging.PageTokenType;

/** Reads and writes the page tokens of the deliveries of an endpoint ({@code DELIVERIES}). */
final class DeliveryTokens {
  private static final PageTokenCodec CODEC =
      new PageTokenCodec(PageTokenType.DELIVERIES, "eventId");

  private DeliveryTokens() {}

  static String write(PageToken<Delivery.Key> token) {
    Delivery.Key cursor = token.cursor();
    return CODEC.write(
        token.pageSize(), cursor.createdAt(), token.before(), EventIds.write(cursor.event()));
  }

  /**
   * Reads a token.
   *
   * @throws InvalidPageToken if the token cannot be used for this list
   */
  static PageToken<Delivery.Key> read(String text) {
    PageTokenCodec.Token token = CODEC.read(text);
    var cursor =
        new Delivery.Key(
            token.borderDate(), token.member("eventId", "the id of an event", EventIds::read));
    return new PageToken<>(token.pageSize(), cursor, token.before());
  }
}
