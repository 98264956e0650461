package io.carechat.rest.audit;

import io.carechat.api.AuditEventPage;
import io.carechat.api.ChatPage;
import io.carechat.api.DeliveryPage;
import io.carechat.api.EventList;
import io.carechat.api.InstanceMessagePage;
import io.carechat.api.MessagePage;
import io.carechat.api.Problem;
import io.carechat.api.WebhookList;
import io.carechat.api.runtime.ApiResponse;
import io.carechat.api.runtime.ResponseRecorder;
import io.carechat.domain.audit.Disclosure;
import io.carechat.rest.http.RequestContext;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Records in the audit what responses show. An operation need not do anything for that. If its
 * response has a list, add the list here. Safe for use by many threads.
 */
public final class AuditedResponses implements ResponseRecorder<RequestContext> {
  private static final String LOCATION = "Location";

  @Override
  public void record(RequestContext context, ApiResponse answer) {
    Object body = answer.body();
    context
        .audit()
        .record(
            answer.status(),
            body instanceof Problem problem ? problem.code() : null,
            withNewId(shown(body, context.audit().isSearch()), answer));
  }

  private static Disclosure shown(@Nullable Object body, boolean search) {
    return switch (body) {
      case MessagePage page ->
          list(
              page.content(),
              item -> item.message().createdAt(),
              search ? item -> item.message().externalId() : null);
      case InstanceMessagePage page ->
          list(
              page.content(),
              item -> item.message().createdAt(),
              item -> item.message().externalId());
      case ChatPage page ->
          list(
              page.content(),
              chat -> chat.lastMessage().createdAt(),
              chat -> chat.patientId().toString());
      case EventList list -> list(list.events(), event -> event.createdAt(), null);
      case DeliveryPage page -> list(page.content(), delivery -> delivery.createdAt(), null);
      case AuditEventPage page -> list(page.content(), event -> event.occurredAt(), null);
      case WebhookList list ->
          new Disclosure(
              null,
              null,
              list.webhooks().size(),
              list.webhooks().stream()
                  .limit(Disclosure.MAX_IDS)
                  .map(webhook -> webhook.webhookId())
                  .toList(),
              null);
      case null, default -> Disclosure.NOTHING;
    };
  }

  /**
   * @param time the time of an item
   * @param id null if the ids of the items are not recorded, because their times say which they are
   */
  private static <T> Disclosure list(
      List<T> items, Function<T, Instant> time, @Nullable Function<T, String> id) {
    Instant first = null;
    Instant last = null;
    for (T item : items) {
      Instant at = time.apply(item);
      first = first == null || at.isBefore(first) ? at : first;
      last = last == null || at.isAfter(last) ? at : last;
    }
    return new Disclosure(
        first, last, items.size(), id == null ? List.of() : items.stream().map(id).toList(), null);
  }

  /** The id of what was made is the end of its address. */
  private static Disclosure withNewId(Disclosure shown, ApiResponse answer) {
    if (answer.status() != 201) {
      return shown;
    }
    var ids = new ArrayList<String>();
    answer.headers((name, value) -> {
      if (name.equals(LOCATION)) {
        ids.add(value.substring(value.lastIndexOf('/') + 1));
      }
    });
    return ids.stream().allMatch(Disclosure::isId) ? shown.withIds(ids) : shown;
  }
}
