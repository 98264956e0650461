package io.carechat.domain.messages;

import io.carechat.domain.chat.Message;
import java.time.Duration;

/** The result of a send. */
public sealed interface SendResult {
  /** The message is stored durably. Its webhooks and its indexing are certain to follow. */
  record Sent(Message message) implements SendResult {}

  /** An earlier request with the same key had stored this message. Nothing was stored. */
  record Replayed(Message message) implements SendResult {}

  /** The key belongs to an earlier, different request. Nothing was stored. */
  record KeyReused() implements SendResult {}

  /** The instance has reached its quota. Nothing was stored. */
  sealed interface OverQuota extends SendResult {
    /** Returns after which time a retry makes sense. */
    Duration retryAfter();

    /**
     * The instance has sent as many messages as it may send in a day.
     *
     * @param max how many it may send
     * @param retryAfter until the next day of UTC
     */
    record OfMessages(long max, Duration retryAfter) implements OverQuota {}

    /**
     * The instance has stored as many bytes as it may.
     *
     * @param max how many it may store
     * @param retryAfter some time, because nobody knows when there is room again
     */
    record OfBytes(long max, Duration retryAfter) implements OverQuota {}
  }
}
