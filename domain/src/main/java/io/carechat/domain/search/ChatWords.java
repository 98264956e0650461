package io.carechat.domain.search;

import io.carechat.domain.events.LogPosition;

/** What a search remembers of a chat that has too many messages to read them all each time. */
public sealed interface ChatWords {
  /**
   * The words of the chat.
   *
   * @param upTo a position in the log. The words of all messages of the chat that were logged up to
   *     it are there.
   * @param words the words
   */
  record Known(LogPosition upTo, MessageWords words) implements ChatWords {}

  /** The words have not been read yet. */
  record NotRead() implements ChatWords {}

  /** The chat has too many messages or words to remember them. */
  record TooMany() implements ChatWords {}
}
