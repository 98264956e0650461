package io.carechat.domain.access;

import java.util.Optional;

/** What a credential may do. */
public enum Scope {
  READ_MESSAGES("messages:read"),
  SEND_MESSAGES("messages:send"),
  SEND_AS_CARE_TEAM("messages:send-as-care-team"),
  SEARCH_INSTANCE("messages:search-instance"),
  MANAGE_WEBHOOKS("webhooks:manage");

  private final String wireName;

  Scope(String wireName) {
    this.wireName = wireName;
  }

  /** The name in the contract, in configuration and in tokens. */
  public String wireName() {
    return wireName;
  }

  /** The scope of a wire name, if there is one. */
  public static Optional<Scope> ofWireName(String name) {
    for (Scope scope : values()) {
      if (scope.wireName.equals(name)) {
        return Optional.of(scope);
      }
    }
    return Optional.empty();
  }
}
