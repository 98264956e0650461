package io.carechat.rest.mapping;

import io.carechat.api.PageMeta;
import io.carechat.domain.chat.ChatId;
import io.carechat.domain.chat.ClientType;
import io.carechat.domain.chat.EndpointId;
import io.carechat.domain.chat.ExternalId;
import io.carechat.domain.chat.PatientId;
import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.paging.Page;
import io.carechat.domain.paging.PageRequest;
import io.carechat.domain.paging.PageSize;
import io.carechat.domain.paging.PageToken;
import io.carechat.domain.webhooks.WebhookEventType;
import java.util.List;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Converts values that the operations of several tags use. */
public final class ApiMapper {
  private ApiMapper() {}

  // --- from the contract ---

  /** Returns the instance of a path. */
  public static TenantInstance instance(String tenantName, String instanceName) {
    return new TenantInstance(tenantName, instanceName);
  }

  /** Returns the chat of a path. */
  public static ChatId chat(String tenantName, String instanceName, UUID patientId) {
    return new ChatId(instance(tenantName, instanceName), new PatientId(patientId));
  }

  /** Returns the id of a message. The contract has already checked its form. */
  public static ExternalId externalId(String text) {
    return ExternalId.parse(text)
        .orElseThrow(() -> new IllegalStateException("the contract lets more ids pass"));
  }

  /** Returns the id of a webhook endpoint. The contract has already checked its form. */
  public static EndpointId endpointId(String text) {
    return new EndpointId(text);
  }

  /** Returns a side of a chat. The result is null for null. */
  public static @Nullable ClientType clientType(io.carechat.api.@Nullable ClientType value) {
    return switch (value) {
      case PATIENT -> ClientType.PATIENT;
      case CARE_TEAM -> ClientType.CARE_TEAM;
      case null -> null;
    };
  }

  /** Returns a page size. The result is null for null. */
  public static @Nullable PageSize pageSize(@Nullable Integer value) {
    return value == null ? null : new PageSize(value);
  }

  /**
   * Returns the page that a caller asks for.
   *
   * @param token the token; null for the newest page
   * @param size the page size; null for the size in the token or the default
   * @param reader reads a token of this list
   */
  public static <K extends Comparable<? super K>> PageRequest<K> page(
      @Nullable String token, @Nullable Integer size, Function<String, PageToken<K>> reader) {
    return new PageRequest<>(token == null ? null : reader.apply(token), pageSize(size));
  }

  // --- to the contract ---

  /** Returns a side of a chat. */
  public static io.carechat.api.ClientType clientType(ClientType side) {
    return switch (side) {
      case PATIENT -> io.carechat.api.ClientType.PATIENT;
      case CARE_TEAM -> io.carechat.api.ClientType.CARE_TEAM;
    };
  }

  /** Returns a type of events for webhooks. */
  public static io.carechat.api.WebhookEventType eventType(WebhookEventType type) {
    return switch (type) {
      case MESSAGE_SENT -> io.carechat.api.WebhookEventType.MESSAGE_SENT;
      case CHAT_READ -> io.carechat.api.WebhookEventType.CHAT_READ;
    };
  }

  /**
   * Returns the {@code meta} of a page.
   *
   * @param writer writes a token of this list
   */
  public static <K extends Comparable<? super K>> PageMeta meta(
      Page<?, K> page, Function<PageToken<K>, String> writer) {
    PageToken<K> older = page.older();
    return meta(
        page.newestFirst(), older == null ? null : writer.apply(older), writer.apply(page.newer()));
  }

  /**
   * Returns the {@code meta} of a page with these items and tokens.
   *
   * @param older the token of the next older page; null if there is none
   * @param newer the token of the newer items
   */
  public static PageMeta meta(List<?> items, @Nullable String older, String newer) {
    return new PageMeta(older, newer, items.size(), !items.isEmpty());
  }
}
