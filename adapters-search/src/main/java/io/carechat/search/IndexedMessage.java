package io.carechat.search;

import io.carechat.domain.chat.Message;
import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.search.query.Words;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;

/**
 * The document of a message.
 *
 * @param chat the printed {@link io.carechat.domain.chat.ChatId}, which is different for each chat
 * @param tenant the tenant's name; a search of an instance needs this and {@code instance}
 * @param instance the instance's name
 * @param createdAt in milliseconds since 1970, UTC
 * @param externalId orders messages of the same time; Elasticsearch cannot sort by a document's id
 * @param clientType the name of the {@link io.carechat.domain.chat.ClientType}
 * @param words the forms of the words of the text ({@link Words#indexed}), each once, so that
 *     Elasticsearch has nothing to analyse
 * @param digest a hash of all other members, which cannot be read back from the index. It shows
 *     whether a document is the one that it should be.
 */
record IndexedMessage(
    String chat,
    String tenant,
    String instance,
    long createdAt,
    String externalId,
    String clientType,
    List<String> words,
    long digest) {

  static final String CHAT = "chat";
  static final String TENANT = "tenant";
  static final String INSTANCE = "instance";
  static final String CREATED_AT = "createdAt";
  static final String CLIENT_TYPE = "clientType";
  static final String EXTERNAL_ID = "externalId";
  static final String WORDS = "words";
  static final String DIGEST = "digest";

  /** Copies the list. */
  IndexedMessage {
    words = List.copyOf(words);
  }

  static IndexedMessage of(Message message) {
    TenantInstance tenantInstance = message.chat().instance();
    String chat = message.chat().toString();
    long createdAt = message.createdAt().toEpochMilli();
    String externalId = message.externalId().toString();
    String clientType = message.sender().clientType().name();
    List<String> words = List.copyOf(Words.indexed(message.text().value()));
    // None of them can contain a space.
    String all =
        String.join(
            " ", chat, Long.toString(createdAt), externalId, clientType, String.join(" ", words));
    return new IndexedMessage(
        chat,
        tenantInstance.tenantName(),
        tenantInstance.instanceName(),
        createdAt,
        externalId,
        clientType,
        words,
        digest(all));
  }

  /** The first eight bytes of the text's SHA-256. */
  private static long digest(String text) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return ByteBuffer.wrap(hash).getLong();
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  /** Does not contain the words. */
  @Override
  public String toString() {
    return "IndexedMessage[chat=" + chat + ", createdAt=" + createdAt + "]";
  }
}
