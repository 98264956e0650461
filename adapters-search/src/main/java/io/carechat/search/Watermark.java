package io.carechat.search;

import io.carechat.domain.events.LogPosition;

/** The one document of an index that is no message: up to where the log is in it. */
record Watermark(LogPosition upTo) {
  /** Its id, which no message has, and its routing, which no chat has. */
  static final String ID = "watermark";
}
