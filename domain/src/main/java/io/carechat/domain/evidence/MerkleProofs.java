package io.carechat.domain.evidence;

import java.util.ArrayList;
import java.util.List;

/**
 * Proofs about Merkle trees (RFC 9162, sections 2.1.3 and 2.1.4): that a leaf is in a tree, and
 * that a tree continues an earlier one. A proof has about log2(n) hashes.
 */
public final class MerkleProofs {
  private MerkleProofs() {}

  /**
   * Returns the root of a tree.
   *
   * @param leafHashes of all leaves
   */
  public static Hash root(List<Hash> leafHashes) {
    return CompactRange.EMPTY.append(leafHashes).root();
  }

  /**
   * Makes a proof that a leaf is in a tree.
   *
   * @param index of the leaf, from 0
   * @param leafHashes of all leaves of the tree
   * @throws IndexOutOfBoundsException if there is no such leaf
   */
  public static List<Hash> inclusion(int index, List<Hash> leafHashes) {
    if (leafHashes.size() == 1 && index == 0) {
      return List.of();
    }
    int half = largestPowerOfTwoBelow(leafHashes.size());
    List<Hash> left = leafHashes.subList(0, half);
    List<Hash> right = leafHashes.subList(half, leafHashes.size());
    var proof = new ArrayList<Hash>();
    if (index < half) {
      proof.addAll(inclusion(index, left));
      proof.add(root(right));
    } else {
      proof.addAll(inclusion(index - half, right));
      proof.add(root(left));
    }
    return proof;
  }

  /**
   * Makes a proof that a tree continues the tree of its first leaves.
   *
   * @param earlierSize how many leaves the earlier tree has, from 1 to all
   * @param leafHashes of all leaves of the later tree
   * @throws IllegalArgumentException if the earlier tree is empty or larger
   */
  public static List<Hash> consistency(int earlierSize, List<Hash> leafHashes) {
    if (earlierSize < 1 || earlierSize > leafHashes.size()) {
      throw new IllegalArgumentException(
          "There is no proof from " + earlierSize + " to " + leafHashes.size() + " leaves");
    }
    return consistency(earlierSize, leafHashes, true);
  }

  /**
   * @param isWhole whether the leaves are also a complete subtree of the earlier tree, whose hash
   *     the verifier knows
   */
  private static List<Hash> consistency(int earlierSize, List<Hash> leafHashes, boolean isWhole) {
    if (earlierSize == leafHashes.size()) {
      return isWhole ? List.of() : List.of(root(leafHashes));
    }
    int half = largestPowerOfTwoBelow(leafHashes.size());
    List<Hash> left = leafHashes.subList(0, half);
    List<Hash> right = leafHashes.subList(half, leafHashes.size());
    var proof = new ArrayList<Hash>();
    if (earlierSize <= half) {
      proof.addAll(consistency(earlierSize, left, isWhole));
      proof.add(root(right));
    } else {
      proof.addAll(consistency(earlierSize - half, right, false));
      proof.add(root(left));
    }
    return proof;
  }

  private static int largestPowerOfTwoBelow(int size) {
    if (size < 2) {
      throw new IndexOutOfBoundsException("There is no such leaf");
    }
    return Integer.highestOneBit(size - 1);
  }

  /**
   * Returns whether a proof shows that a leaf is in a tree (RFC 9162, section 2.1.3.2).
   *
   * @param index of the leaf, from 0
   * @param size of the tree
   */
  public static boolean isIncluded(
      Hash leafHash, long index, long size, List<Hash> proof, Hash root) {
    if (index < 0 || index >= size) {
      return false;
    }
    long node = index;
    long last = size - 1;
    Hash hash = leafHash;
    for (Hash step : proof) {
      if (last == 0) {
        return false;
      }
      if ((node & 1) == 1 || node == last) {
        hash = CompactRange.nodeHash(step, hash);
        while ((node & 1) == 0 && node != 0) {
          node >>>= 1;
          last >>>= 1;
        }
      } else {
        hash = CompactRange.nodeHash(hash, step);
      }
      node >>>= 1;
      last >>>= 1;
    }
    return last == 0 && hash.equals(root);
  }

  /**
   * Returns whether a proof shows that a tree continues an earlier one (RFC 9162, section 2.1.4.2).
   *
   * @param earlierSize how many leaves the earlier tree has, 1 or more
   * @param laterSize how many leaves the later tree has
   */
  public static boolean isConsistent(
      long earlierSize, Hash earlierRoot, long laterSize, Hash laterRoot, List<Hash> proof) {
    if (earlierSize < 1 || earlierSize > laterSize) {
      return false;
    }
    if (earlierSize == laterSize) {
      return proof.isEmpty() && earlierRoot.equals(laterRoot);
    }
    var path = new ArrayList<>(proof);
    // A complete tree is a node of the later one, so the proof need not repeat its root.
    if (Long.bitCount(earlierSize) == 1) {
      path.addFirst(earlierRoot);
    }
    if (path.isEmpty()) {
      return false;
    }
    long node = earlierSize - 1;
    long last = laterSize - 1;
    while ((node & 1) == 1) {
      node >>>= 1;
      last >>>= 1;
    }
    Hash earlier = path.getFirst();
    Hash later = path.getFirst();
    for (Hash step : path.subList(1, path.size())) {
      if (last == 0) {
        return false;
      }
      if ((node & 1) == 1 || node == last) {
        earlier = CompactRange.nodeHash(step, earlier);
        later = CompactRange.nodeHash(step, later);
        while ((node & 1) == 0 && node != 0) {
          node >>>= 1;
          last >>>= 1;
        }
      } else {
        later = CompactRange.nodeHash(later, step);
      }
      node >>>= 1;
      last >>>= 1;
    }
    return last == 0 && earlier.equals(earlierRoot) && later.equals(laterRoot);
  }
}
