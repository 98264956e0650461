package io.carechat.domain.evidence;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/**
 * The beginnings of the leaf hashes of some neighbouring rows. They do not prove anything, because
 * nobody signs them. They show which row is wrong once a root has shown that one is. Immutable.
 */
public final class RowHashes {
  /** The number of bytes that are kept of each hash. */
  public static final int LENGTH = 8;

  private final byte[] bytes;

  private RowHashes(byte[] bytes) {
    this.bytes = bytes;
  }

  /** Takes the beginnings of hashes. */
  public static RowHashes of(List<Hash> leafHashes) {
    byte[] bytes = new byte[leafHashes.size() * LENGTH];
    for (int i = 0; i < leafHashes.size(); i++) {
      System.arraycopy(leafHashes.get(i).bytes(), 0, bytes, i * LENGTH, LENGTH);
    }
    return new RowHashes(bytes);
  }

  /** Makes them of stored bytes. Bytes after the last complete beginning are ignored. */
  public static RowHashes of(byte[] bytes) {
    return new RowHashes(bytes.clone());
  }

  /** Returns the number of rows. */
  public int count() {
    return bytes.length / LENGTH;
  }

  /** Returns a copy of the bytes. */
  public byte[] bytes() {
    return bytes.clone();
  }

  /**
   * Finds the first row that is not the one that was hashed.
   *
   * @param leafHashes of the rows that are there now
   * @return what is wrong with the row at which index. The index is that among the rows that were
   *     hashed. If each row begins as it should, nothing is known but that one of them is wrong.
   */
  Difference firstDifference(List<Hash> leafHashes) {
    List<String> expected = texts();
    List<String> actual = of(leafHashes).texts();
    int at = 0;
    while (at < expected.size() && at < actual.size() && same(expected, at, actual, at)) {
      at++;
    }
    if (at == expected.size() && at == actual.size()) {
      return new Difference(Difference.Kind.UNKNOWN, 0);
    }
    if (same(expected, at, actual, at + 1)) {
      return new Difference(
          same(expected, at + 1, actual, at) ? Difference.Kind.MOVED : Difference.Kind.ADDED, at);
    }
    if (at == expected.size()) {
      return new Difference(Difference.Kind.ADDED, at);
    }
    if (at == actual.size() || same(expected, at + 1, actual, at)) {
      return new Difference(Difference.Kind.MISSING, at);
    }
    return new Difference(
        expected.contains(actual.get(at)) ? Difference.Kind.MOVED : Difference.Kind.CHANGED, at);
  }

  private static boolean same(List<String> one, int atOne, List<String> other, int atOther) {
    return atOne < one.size()
        && atOther < other.size()
        && one.get(atOne).equals(other.get(atOther));
  }

  private List<String> texts() {
    var texts = new ArrayList<String>();
    for (int i = 0; i < count(); i++) {
      texts.add(HexFormat.of().formatHex(bytes, i * LENGTH, (i + 1) * LENGTH));
    }
    return texts;
  }

  /**
   * What is wrong with the first row that is wrong.
   *
   * @param index of the row, from 0
   */
  record Difference(Kind kind, int index) {
    enum Kind {
      CHANGED,
      MISSING,
      ADDED,
      MOVED,
      UNKNOWN
    }
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof RowHashes hashes && Arrays.equals(bytes, hashes.bytes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bytes);
  }

  @Override
  public String toString() {
    return count() + " hashes of rows";
  }
}
