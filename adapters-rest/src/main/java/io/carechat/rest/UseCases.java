package io.carechat.rest;

import io.carechat.domain.ChatSearch;
import io.carechat.domain.EventFeeds;
import io.carechat.domain.PatientChats;
import io.carechat.domain.Webhooks;

/** What the API serves. Each is safe for use by many threads. */
public record UseCases(PatientChats messages, ChatSearch search, EventFeeds events, Webhooks webhooks) {
  /** The same, but for what is done with a chat's messages. */
  public UseCases with(PatientChats otherMessages, ChatSearch otherSearch) {
    return new UseCases(otherMessages, otherSearch, events, webhooks);
  }
}
