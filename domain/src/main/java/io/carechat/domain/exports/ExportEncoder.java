package io.carechat.domain.exports;

/** Writes the lines of files. Safe for use by many threads. */
public interface ExportEncoder {
  /**
   * Writes a message as one line.
   *
   * @return the line with its end, in UTF-8
   */
  byte[] encode(ExportFormat format, ExportedMessages.Entry entry);
}
