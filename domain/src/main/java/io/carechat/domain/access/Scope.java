package io.carechat.domain.access;

import java.util.Optional;

/** A permission that a credential may have. */
public enum Scope {
  /** Allows reading and searching chats, following their events, and marking messages as read. */
  READ_MESSAGES("messages:read"),
  /** Allows sending messages. */
  SEND_MESSAGES("messages:send"),
  /** Allows a partner to send messages, and to mark them as read, for the care team. */
  SEND_AS_CARE_TEAM("messages:send-as-care-team"),
  /** Allows searching all chats of an instance. */
  SEARCH_INSTANCE("messages:search-instance"),
  /** Allows making links that sign a patient in with a browser. */
  SIGN_IN_PATIENTS("patients:sign-in"),
  /** Allows managing the webhook endpoints of an instance and reading their deliveries. */
  MANAGE_WEBHOOKS("webhooks:manage"),
  /** Allows creating, listing and revoking the API keys of an instance. */
  MANAGE_KEYS("keys:manage"),
  /** Allows creating an API key for an emergency, which can only read, for an hour at most. */
  BREAK_GLASS("keys:break-glass"),
  /** Allows reading the audit of an instance. */
  READ_AUDIT("audit:read"),
  /** Allows a partner to erase chats and to read the receipts. */
  ERASE_CHATS("chats:erase"),
  /** Allows a partner to restrict chats and to lift restrictions. */
  RESTRICT_CHATS("chats:restrict"),
  /** Allows a partner to place, list and lift legal holds. */
  MANAGE_HOLDS("holds:manage"),
  /** Allows a partner to see what the retention of an instance would remove. */
  MANAGE_RETENTION("retention:manage"),
  /** Allows exporting chats. */
  EXPORT_CHATS("chats:export");

  private final String wireName;

  Scope(String wireName) {
    this.wireName = wireName;
  }

  /** Returns the name that the contract, the configuration and tokens use. */
  public String wireName() {
    return wireName;
  }

  /** Returns the scope with a wire name. The result is empty if there is none. */
  public static Optional<Scope> ofWireName(String name) {
    for (Scope scope : values()) {
      if (scope.wireName.equals(name)) {
        return Optional.of(scope);
      }
    }
    return Optional.empty();
  }
}
