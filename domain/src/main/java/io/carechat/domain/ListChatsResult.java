package io.carechat.domain;

/** What asking for an instance's chats gives. */
public sealed interface ListChatsResult permits ListChatsResult.Listed, Forbidden {
  /** A page, perhaps empty. */
  record Listed(ChatPage page) implements ListChatsResult {}
}
