package io.carechat.search;

import io.carechat.domain.Message;
import io.carechat.domain.TenantInstance;
import io.carechat.domain.Words;

/**
 * The document of a message.
 *
 * @param chat the printed {@link io.carechat.domain.ChatId}, which no other chat has
 * @param tenant for operators only; every search goes by the chat
 * @param instance as {@code tenant}
 * @param createdAt in milliseconds since 1970, UTC
 * @param clientType the name of the {@link io.carechat.domain.ClientType}
 * @param words what {@link Words} makes of the text, separated by spaces, so that Elasticsearch has
 *     nothing left to analyse
 */
record IndexedMessage(
    String chat, String tenant, String instance, long createdAt, String clientType, String words) {

  static final String CHAT = "chat";
  static final String CREATED_AT = "createdAt";
  static final String CLIENT_TYPE = "clientType";
  static final String WORDS = "words";

  static IndexedMessage of(Message message) {
    TenantInstance place = message.chat().place();
    return new IndexedMessage(
        message.chat().toString(),
        place.tenantName(),
        place.instanceName(),
        message.createdAt().toEpochMilli(),
        message.sender().clientType().name(),
        String.join(" ", Words.foldedOf(message.text().value())));
  }

  /** Says nothing of the words. */
  @Override
  public String toString() {
    return "IndexedMessage[chat=" + chat + ", createdAt=" + createdAt + "]";
  }
}
