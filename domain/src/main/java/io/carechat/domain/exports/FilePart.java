package io.carechat.domain.exports;

/** A part of the file of an export. */
public final class FilePart {
  private final long firstByte;
  private final byte[] bytes;

  /**
   * @param firstByte the place of its first byte in the file, from 0
   * @param bytes its bytes, at least one, which must not change any more
   */
  public FilePart(long firstByte, byte[] bytes) {
    this.firstByte = firstByte;
    this.bytes = bytes;
  }

  /** Returns the place of its first byte in the file, from 0. */
  public long firstByte() {
    return firstByte;
  }

  /** Returns its bytes, at least one. They must not be changed. */
  public byte[] bytes() {
    return bytes;
  }

  /** Returns the place after its last byte. */
  public long end() {
    return firstByte + bytes.length;
  }
}
