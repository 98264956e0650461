package io.carechat.domain.exports;

import io.carechat.domain.exports.ExportedMessages.Entry;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** Writes the format, the position, the chat and the text of a message, for tests. */
public final class PlainLines implements ExportEncoder {
  @Override
  public byte[] encode(ExportFormat format, Entry entry) {
    return line(format, entry).getBytes(StandardCharsets.UTF_8);
  }

  /** Returns a line. */
  public static String line(ExportFormat format, Entry entry) {
    return format
        + " "
        + entry.position().transaction()
        + "-"
        + entry.position().number()
        + " "
        + entry.message().chat()
        + " "
        + entry.message().text().value()
        + "\n";
  }

  /** Makes a hash of nothing. */
  public static FileHash hash() {
    MessageDigest digest;
    try {
      digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
    return new FileHash() {
      @Override
      public void update(byte[] bytes) {
        digest.update(bytes);
      }

      @Override
      public String value() {
        return HexFormat.of().formatHex(digest.digest());
      }
    };
  }

  /** Returns the hash of a text. */
  public static String hash(String text) {
    FileHash hash = hash();
    hash.update(text.getBytes(StandardCharsets.UTF_8));
    return hash.value();
  }

  /** Returns the whole file of an export, read part by part. */
  public static String file(ExportStore store, Export export) {
    var file = new StringBuilder();
    long at = 0;
    while (at < export.progress().bytes()) {
      FilePart part =
          store.part(export.request().source().instance(), export.id(), at).orElseThrow();
      if (part.firstByte() != at) {
        throw new AssertionError("a part begins at " + part.firstByte() + ", not at " + at);
      }
      file.append(new String(part.bytes(), StandardCharsets.UTF_8));
      at = part.end();
    }
    return file.toString();
  }
}
