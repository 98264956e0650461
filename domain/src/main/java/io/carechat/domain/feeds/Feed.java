package io.carechat.domain.feeds;

import io.carechat.domain.access.AccessDenied;
import io.carechat.domain.access.Caller;
import io.carechat.domain.access.Scope;
import io.carechat.domain.chat.ChatId;
import io.carechat.domain.chat.TenantInstance;

/** A part of the event log that a caller may be allowed to read. */
public sealed interface Feed {
  /** Returns the instance of the events. */
  TenantInstance instance();

  /**
   * Checks that a caller may read the feed.
   *
   * @throws AccessDenied if the caller may not
   */
  void requireFor(Caller caller);

  /** The events of an instance and all of its chats. */
  record OfInstance(TenantInstance instance) implements Feed {
    @Override
    public void requireFor(Caller caller) {
      caller.require(Scope.READ_MESSAGES, instance);
    }
  }

  /** The events of one chat. */
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
