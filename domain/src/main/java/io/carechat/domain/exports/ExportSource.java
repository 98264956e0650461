package io.carechat.domain.exports;

import io.carechat.domain.access.Caller;
import io.carechat.domain.access.Scope;
import io.carechat.domain.chat.ChatId;
import io.carechat.domain.chat.TenantInstance;

/** The messages that an export is of. */
public sealed interface ExportSource {
  /** Returns the instance that all of the messages belong to. */
  TenantInstance instance();

  /** Returns whether a caller may use a scope for all of the messages. */
  boolean isAllowed(Caller caller, Scope scope);

  /**
   * The messages of one chat.
   *
   * @param chat the chat
   */
  record OfChat(ChatId chat) implements ExportSource {
    @Override
    public TenantInstance instance() {
      return chat.instance();
    }

    @Override
    public boolean isAllowed(Caller caller, Scope scope) {
      return caller.may(scope, chat);
    }
  }

  /**
   * The messages of all chats of an instance.
   *
   * @param instance the instance
   */
  record OfInstance(TenantInstance instance) implements ExportSource {
    @Override
    public boolean isAllowed(Caller caller, Scope scope) {
      return caller.may(scope, instance);
    }
  }
}
