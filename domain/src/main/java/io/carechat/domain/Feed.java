package io.carechat.domain;

/** Whose events: a part of the log that somebody may see. */
public sealed interface Feed {
  /** The instance that it is of. */
  TenantInstance place();

  /** Whether a caller may read it. */
  boolean isFor(Caller caller);

  /** Those of an instance and all of its chats. */
  record OfInstance(TenantInstance place) implements Feed {
    @Override
    public boolean isFor(Caller caller) {
      return caller.may(Scope.READ_MESSAGES, place);
    }
  }

  /** Those of one chat. */
  record OfChat(ChatId chat) implements Feed {
    @Override
    public TenantInstance place() {
      return chat.place();
    }

    @Override
    public boolean isFor(Caller caller) {
      return caller.may(Scope.READ_MESSAGES, chat);
    }
  }
}
