package io.carechat.domain.webhooks;

import io.carechat.domain.chat.ChatId;
import java.net.URI;

/** Where a patient's page for people is. */
@FunctionalInterface
public interface PatientUrls {
  /** The address of a chat's page. */
  URI of(ChatId chat);
}
