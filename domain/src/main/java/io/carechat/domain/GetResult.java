package io.carechat.domain;

/** What asking for one message gives. */
public sealed interface GetResult permits GetResult.Got, GetResult.NoSuchMessage, Forbidden {
  /** The message. */
  record Got(PagedMessage message) implements GetResult {}

  /** The chat has no such message. */
  record NoSuchMessage() implements GetResult {}
}
