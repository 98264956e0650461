package io.carechat.domain.search.query;

import io.carechat.domain.chat.ClientType;
import io.carechat.domain.chat.Message;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What else a hit must be.
 *
 * @param from created then or later; null for no bound
 * @param to created before; null for no bound
 * @param clientType sent by this side; null for either
 */
public record SearchFilter(
    @Nullable Instant from, @Nullable Instant to, @Nullable ClientType clientType) {
  /** Lets everything pass. */
  public static final SearchFilter NONE = new SearchFilter(null, null, null);

  /** Whether a message passes. */
  public boolean accepts(Message message) {
    return (from == null || !message.createdAt().isBefore(from))
        && (to == null || message.createdAt().isBefore(to))
        && (clientType == null || message.sender().clientType() == clientType);
  }
}
