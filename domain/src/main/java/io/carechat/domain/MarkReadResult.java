package io.carechat.domain;

/** What became of marking a chat as read. */
public sealed interface MarkReadResult
    permits MarkReadResult.Marked, MarkReadResult.NoSuchMessage, Forbidden {
  /** The marker as it now stands, at the message or at a newer one. */
  record Marked(ReadMarker marker) implements MarkReadResult {}

  /** The chat has no such message. Nothing was changed. */
  record NoSuchMessage() implements MarkReadResult {}
}
