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
  MANAGE_WEBHOOKS("webhooks:manage");

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
