package io.carechat.domain.feeds;

import io.carechat.domain.access.AccessDenied;
import io.carechat.domain.access.Caller;
import io.carechat.domain.access.Scope;
import io.carechat.domain.chat.ChatId;
import io.carechat.domain.chat.TenantInstance;

/** Whose events: a part of the log that somebody may see. */
public sealed interface Feed {
  /** The instance that it is of. */
  TenantInstance instance();

  /**
   * Demands that a caller may read it.
   *
   * @throws AccessDenied if the caller may not
   */
  void requireFor(Caller caller);

  /** Those of an instance and all of its chats. */
  record OfInstance(TenantInstance instance) implements Feed {
    @Override
    public void requireFor(Caller caller) {
      caller.require(Scope.READ_MESSAGES, instance);
    }
  }

  /** Those of one chat. */
  record OfChat(ChatId chat) implements Feed {
    @Override
    public TenantInstance instance() {
      return chat.instance();
    }

    @Override
    public void requireFor(Caller caller) {
      caller.require(Scope.READ_MESSAGES, chat);
    }
  }
}
