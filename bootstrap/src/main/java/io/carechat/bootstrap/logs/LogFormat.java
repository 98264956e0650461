package io.carechat.bootstrap.logs;

/** How the lines of the log look. */
public enum LogFormat {
  /** A JSON object in each line (RFC 8259), for programs. */
  JSON,
  /** Text, for people. */
  TEXT
}
