package io.carechat.domain.search.query;

import io.carechat.domain.chat.ClientType;
import io.carechat.domain.chat.Message;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Conditions on a hit besides the query.
 *
 * @param from only messages created at this time or later; null for no bound
 * @param to only messages created before this time; null for no bound
 * @param clientType only messages sent by this side; null for both sides
 */
public record SearchFilter(
    @Nullable Instant from, @Nullable Instant to, @Nullable ClientType clientType) {
  /** Returns whether a message satisfies all conditions. */
  public boolean accepts(Message message) {
    return accepts(message.createdAt())
        && (clientType == null || message.sender().clientType() == clientType);
  }

  /** Returns whether a message of this time may satisfy all conditions. */
  public boolean accepts(Instant createdAt) {
    return (from == null || !createdAt.isBefore(from)) && (to == null || createdAt.isBefore(to));
  }
}
