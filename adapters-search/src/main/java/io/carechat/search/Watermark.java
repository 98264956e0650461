package io.carechat.search;

import io.carechat.domain.events.LogPosition;

/** The only document of an index that is not a message. It says up to where the log is indexed. */
record Watermark(LogPosition upTo) {
  /** Its id, which no message has. It is also its routing, which no chat has. */
  static final String ID = "watermark";
}
