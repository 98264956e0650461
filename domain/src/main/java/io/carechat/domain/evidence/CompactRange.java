package io.carechat.domain.evidence;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The state of a Merkle tree (RFC 9162, section 2.1) that grows at its end. It has one hash for
 * each complete subtree, so about log2(n) hashes for n leaves. That is enough to append leaves and
 * to compute the root of the tree, without the leaves. Immutable.
 */
public final class CompactRange {
  /** The tree without leaves. */
  public static final CompactRange EMPTY = new CompactRange(0, List.of());

  private static final byte[] LEAF = {0};
  private static final byte[] NODE = {1};

  private final long size;

  /** The roots of the complete subtrees, from the largest, which is leftmost, to the smallest. */
  private final List<Hash> subtrees;

  private CompactRange(long size, List<Hash> subtrees) {
    this.size = size;
    this.subtrees = List.copyOf(subtrees);
  }

  /**
   * Makes a tree of a stored state.
   *
   * @param size the number of leaves, 0 or more
   * @param subtrees as {@link #bytes} returns them
   * @throws IllegalArgumentException if a tree of that size does not have so many bytes
   */
  public static CompactRange of(long size, byte[] subtrees) {
    if (size < 0 || subtrees.length != Long.bitCount(size) * Hash.LENGTH) {
      throw new IllegalArgumentException(
          "A tree of " + size + " leaves does not have a state of " + subtrees.length + " bytes");
    }
    var hashes = new ArrayList<Hash>();
    for (int at = 0; at < subtrees.length; at += Hash.LENGTH) {
      hashes.add(Hash.of(Arrays.copyOfRange(subtrees, at, at + Hash.LENGTH)));
    }
    return new CompactRange(size, hashes);
  }

  /** Returns the hash of a leaf: SHA-256 of a zero byte and the leaf. */
  public static Hash leafHash(byte[] leaf) {
    return Hash.sha256(LEAF, leaf);
  }

  /** Returns the hash of an inner node: SHA-256 of a byte 1 and the two hashes below it. */
  static Hash nodeHash(Hash left, Hash right) {
    return Hash.sha256(NODE, left.bytes(), right.bytes());
  }

  /** Returns the number of leaves. */
  public long size() {
    return size;
  }

  /** Returns the tree with one more leaf at its end, whose hash is given. */
  public CompactRange append(Hash leafHash) {
    return append(List.of(leafHash));
  }

  /** Returns the tree with more leaves at its end, whose hashes are given in their order. */
  public CompactRange append(List<Hash> leafHashes) {
    var hashes = new ArrayList<>(subtrees);
    long count = size;
    for (Hash leafHash : leafHashes) {
      Hash hash = leafHash;
      // Each trailing one of the size is a complete subtree that is now the left half of a larger
      // one.
      for (long rest = count; (rest & 1) == 1; rest >>>= 1) {
        hash = nodeHash(hashes.removeLast(), hash);
      }
      hashes.add(hash);
      count++;
    }
    return new CompactRange(count, hashes);
  }

  /** Returns the root: the Merkle Tree Hash of all leaves. */
  public Hash root() {
    if (subtrees.isEmpty()) {
      return Hash.sha256();
    }
    Hash root = subtrees.getLast();
    for (int i = subtrees.size() - 2; i >= 0; i--) {
      root = nodeHash(subtrees.get(i), root);
    }
    return root;
  }

  /** Returns the hashes of the complete subtrees, one after the other, the largest first. */
  public byte[] bytes() {
    byte[] bytes = new byte[subtrees.size() * Hash.LENGTH];
    for (int i = 0; i < subtrees.size(); i++) {
      System.arraycopy(subtrees.get(i).bytes(), 0, bytes, i * Hash.LENGTH, Hash.LENGTH);
    }
    return bytes;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof CompactRange range
        && size == range.size
        && subtrees.equals(range.subtrees);
  }

  @Override
  public int hashCode() {
    return 31 * Long.hashCode(size) + subtrees.hashCode();
  }

  @Override
  public String toString() {
    return size + " leaves with the root " + root();
  }
}
