package io.carechat.domain.messages;

import io.carechat.domain.chat.Message;

/** The result of a send. */
public sealed interface SendResult {
  /** The message is stored durably. Its webhooks and its indexing are certain to follow. */
  record Sent(Message message) implements SendResult {}

  /** An earlier request with the same key had stored this message. Nothing was stored. */
  record Replayed(Message message) implements SendResult {}

  /** The key belongs to an earlier, different request. Nothing was stored. */
  record KeyReused() implements SendResult {}
}
