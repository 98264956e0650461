package io.carechat.domain;

import java.time.Instant;

/** Which part of a chat a page is taken from. Borders are exclusive. */
public sealed interface Window {
  /** The end of the chat. */
  record Newest() implements Window {}

  /** What is older than the border, nearest first. */
  record Before(Instant border) implements Window {}

  /** What is newer than the border, nearest first. */
  record After(Instant border) implements Window {}
}
