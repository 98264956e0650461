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

/** What the operations of several tags read and write. */
public final class ApiMapper {
  private ApiMapper() {}

  // --- from the contract ---

  /** The instance of a path. */
  public static TenantInstance instance(String tenantName, String instanceName) {
    return new TenantInstance(tenantName, instanceName);
  }

  /** The chat of a path. */
  public static ChatId chat(String tenantName, String instanceName, UUID patientId) {
    return new ChatId(instance(tenantName, instanceName), new PatientId(patientId));
  }

  /** The id of a message; the contract has checked its form. */
  public static ExternalId externalId(String text) {
    return ExternalId.parse(text)
        .orElseThrow(() -> new IllegalStateException("the contract lets more ids pass"));
  }

  /** The id of a webhook endpoint; the contract has checked its form. */
  public static EndpointId endpointId(String text) {
    return new EndpointId(text);
  }

  /** A side of a chat; null for null. */
  public static @Nullable ClientType clientType(io.carechat.api.@Nullable ClientType asked) {
    return switch (asked) {
      case PATIENT -> ClientType.PATIENT;
      case CARE_TEAM -> ClientType.CARE_TEAM;
      case null -> null;
    };
  }

  /** The size of a page; null for null. */
  public static @Nullable PageSize pageSize(@Nullable Integer asked) {
    return asked == null ? null : new PageSize(asked);
  }

  /**
   * The page that is asked for.
   *
   * @param token null for the newest page
   * @param reading reads a token of the list
   */
  public static <K extends Comparable<? super K>> PageRequest<K> page(
      @Nullable String token, @Nullable Integer size, Function<String, PageToken<K>> reading) {
    return new PageRequest<>(token == null ? null : reading.apply(token), pageSize(size));
  }

  // --- to the contract ---

  /** A side of a chat. */
  public static io.carechat.api.ClientType clientType(ClientType side) {
    return switch (side) {
      case PATIENT -> io.carechat.api.ClientType.PATIENT;
      case CARE_TEAM -> io.carechat.api.ClientType.CARE_TEAM;
    };
  }

  /** A type of events that webhooks know. */
  public static io.carechat.api.WebhookEventType eventType(WebhookEventType type) {
    return switch (type) {
      case MESSAGE_SENT -> io.carechat.api.WebhookEventType.MESSAGE_SENT;
      case CHAT_READ -> io.carechat.api.WebhookEventType.CHAT_READ;
    };
  }

  /**
   * The {@code meta} of a page.
   *
   * @param writing writes a token of the list
   */
  public static <K extends Comparable<? super K>> PageMeta meta(
      Page<?, K> page, Function<PageToken<K>, String> writing) {
    PageToken<K> older = page.older();
    return meta(
        page.newestFirst(),
        older == null ? null : writing.apply(older),
        writing.apply(page.newer()));
  }

  /** The {@code meta} of a page with these items and tokens. */
  public static PageMeta meta(List<?> items, @Nullable String older, String newer) {
    return new PageMeta(older, newer, items.size(), !items.isEmpty());
  }
}
