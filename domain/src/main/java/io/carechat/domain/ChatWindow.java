package io.carechat.domain;

/** Which part of an instance's chats a page is taken from. Borders are exclusive. */
public sealed interface ChatWindow {
  /** Those with the most recent messages. */
  record Newest() implements ChatWindow {}

  /** What is older than the border, nearest first. */
  record Before(ChatPlace border) implements ChatWindow {}

  /** What is newer than the border, nearest first. */
  record After(ChatPlace border) implements ChatWindow {}
}
