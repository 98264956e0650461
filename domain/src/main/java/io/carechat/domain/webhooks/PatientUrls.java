package io.carechat.domain.webhooks;

import io.carechat.domain.chat.ChatId;
import java.net.URI;

/** Gives the addresses of the web pages of chats. Safe for use by many threads. */
@FunctionalInterface
public interface PatientUrls {
  /** Returns the address of the web page on which people see a chat. */
  URI of(ChatId chat);
}
