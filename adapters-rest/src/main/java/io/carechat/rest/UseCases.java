package io.carechat.rest;

import io.carechat.domain.ChatSearch;
import io.carechat.domain.EventFeeds;
import io.carechat.domain.Inbox;
import io.carechat.domain.InstanceSearch;
import io.carechat.domain.PartnerLedger;
import io.carechat.domain.PatientChats;
import io.carechat.domain.Webhooks;

/** What the API serves. Each is safe for use by many threads. */
public record UseCases(
    PatientChats messages,
    ChatSearch search,
    InstanceSearch instanceSearch,
    Inbox inbox,
    EventFeeds events,
    Webhooks webhooks,
    PartnerLedger ledger) {
  /** The same, but for what is done with messages. */
  public UseCases with(
      PatientChats otherMessages, ChatSearch otherSearch, InstanceSearch otherInstanceSearch) {
    return new UseCases(
        otherMessages, otherSearch, otherInstanceSearch, inbox, events, webhooks, ledger);
  }
}
