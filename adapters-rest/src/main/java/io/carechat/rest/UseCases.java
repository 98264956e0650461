package io.carechat.rest;

import io.carechat.domain.feeds.EventFeeds;
import io.carechat.domain.inbox.Inbox;
import io.carechat.domain.messages.PatientChats;
import io.carechat.domain.search.ChatSearch;
import io.carechat.domain.search.InstanceSearch;
import io.carechat.domain.sessions.IdentityProviders;
import io.carechat.domain.sessions.Sessions;
import io.carechat.domain.webhooks.delivery.DeliveryHistory;
import io.carechat.domain.webhooks.management.WebhookManagement;

/**
 * The use cases that the API serves. Each is safe for use by many threads.
 *
 * @param messages sends and finds messages
 * @param search searches in a chat
 * @param instanceSearch searches in an instance
 * @param inbox lists chats and marks messages as read
 * @param events reads and follows events
 * @param webhooks manages webhook endpoints
 * @param deliveries reads deliveries and asks for redeliveries
 * @param sessions the people who are signed in with a browser
 * @param identityProviders where people prove who they are
 */
public record UseCases(
    PatientChats messages,
    ChatSearch search,
    InstanceSearch instanceSearch,
    Inbox inbox,
    EventFeeds events,
    WebhookManagement webhooks,
    DeliveryHistory deliveries,
    Sessions sessions,
    IdentityProviders identityProviders) {
  /** Returns a copy with other use cases for messages. */
  public UseCases with(
      PatientChats otherMessages, ChatSearch otherSearch, InstanceSearch otherInstanceSearch) {
    return new UseCases(
        otherMessages,
        otherSearch,
        otherInstanceSearch,
        inbox,
        events,
        webhooks,
        deliveries,
        sessions,
        identityProviders);
  }
}
