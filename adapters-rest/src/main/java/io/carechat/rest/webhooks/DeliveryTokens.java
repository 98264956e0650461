package io.carechat.rest.webhooks;

import io.carechat.domain.paging.InvalidPageToken;
import io.carechat.domain.paging.PageToken;
import io.carechat.domain.webhooks.delivery.Delivery;
import io.carechat.rest.events.EventIds;
import io.carechat.rest.mapping.TokenFormat;
import io.carechat.rest.mapping.TokenType;

/** The page tokens of an endpoint's deliveries ({@code DELIVERIES}). */
final class DeliveryTokens {
  private static final TokenFormat FORMAT = new TokenFormat(TokenType.DELIVERIES, "eventId");

  private DeliveryTokens() {}

  static String write(PageToken<Delivery.Key> token) {
    Delivery.Key border = token.border();
    return FORMAT.write(
        token.pageSize(), border.createdAt(), token.before(), EventIds.write(border.event()));
  }

  /**
   * Reads a token.
   *
   * @throws InvalidPageToken if it cannot be used here
   */
  static PageToken<Delivery.Key> read(String text) {
    TokenFormat.Token token = FORMAT.read(text);
    var border =
        new Delivery.Key(
            token.borderDate(), token.own("eventId", "the id of an event", EventIds::read));
    return new PageToken<>(token.pageSize(), border, token.before());
  }
}
