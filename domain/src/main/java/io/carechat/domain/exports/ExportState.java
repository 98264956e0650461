package io.carechat.domain.exports;

/** How far an export has come. */
public enum ExportState {
  /** No node has begun to write it. */
  WAITING,
  /** A node writes it. */
  RUNNING,
  /** The file is complete. */
  DONE,
  /** It cannot be written. There is no file. */
  FAILED,
  /** The file was removed, because a chat in it was erased. */
  DISCARDED
}
