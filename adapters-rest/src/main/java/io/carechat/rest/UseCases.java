package io.carechat.rest;
import io.carechat.domain.feeds.EventFeeds;
import io.carechat.domain.inbox.Inbox;
import io.carechat.domain.messages.PatientChats;
import io.carechat.domain.search.ChatSearch;
import io.carechat.domain.search.InstanceSearch;
import io.carechat.domain.webhooks.delivery.DeliveryHistory;
import io.carechat.domain.webhooks.management.WebhookManagement;

/** What the API serves. Each is safe for use by many threads. */
public record UseCases(
    PatientChats messages,
    ChatSearch search,
    InstanceSearch instanceSearch,
    Inbox inbox,
    EventFeeds events,
    WebhookManagement webhooks,
    DeliveryHistory ledger) {
  /** The same, but for what is done with messages. */
  public UseCases with(
      PatientChats otherMessages, ChatSearch otherSearch, InstanceSearch otherInstanceSearch) {
    return new UseCases(
        otherMessages, otherSearch, otherInstanceSearch, inbox, events, webhooks, ledger);
  }
}
