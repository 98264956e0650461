package io.carechat.domain.messages;

import io.carechat.domain.chat.Message;

/** What became of a send. */
public sealed interface SendResult {
  /** Stored durably. Its webhooks and its indexing are certain to follow. */
  record Sent(Message message) implements SendResult {}

  /** Stored by an earlier request with the same key. */
  record Replayed(Message message) implements SendResult {}

  /** The key belongs to an earlier, different request. Nothing was stored. */
  record KeyReused() implements SendResult {}
}
