package io.carechat.domain;

/** What asking for one chat gives. */
public sealed interface GetChatResult
    permits GetChatResult.Got, GetChatResult.NoMessages, Forbidden {
  /** How it stands. */
  record Got(ChatDetails details) implements GetChatResult {}

  /** It has no message yet. */
  record NoMessages() implements GetChatResult {}
}
