package io.carechat.domain.evidence;

import static io.carechat.domain.evidence.CompactRangeTest.definedRoot;
import static io.carechat.domain.evidence.CompactRangeTest.leafHashes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Proofs of Certificate Transparency, and those of random trees. */
final class MerkleProofsTest {
  private static final String LEAF_1 =
      "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7";
  private static final String NODE_2_3 =
      "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e";
  private static final String NODE_4_7 =
      "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4";
  private static final String LEAF_4 =
      "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b";
  private static final String NODE_6_7 =
      "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0";
  private static final String NODE_4_5 =
      "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a";

  private static List<String> texts(List<Hash> hashes) {
    return hashes.stream().map(Hash::toString).toList();
  }

  @Test
  void makesTheProofsOfCertificateTransparency() {
    List<Hash> all = leafHashes();
    List<String> roots = CompactRangeTest.ROOTS;
    assertThat(texts(MerkleProofs.inclusion(0, all))).containsExactly(LEAF_1, NODE_2_3, NODE_4_7);
    assertThat(texts(MerkleProofs.inclusion(5, all)))
        .containsExactly(LEAF_4, NODE_6_7, roots.get(4));
    assertThat(texts(MerkleProofs.inclusion(2, all.subList(0, 3)))).containsExactly(roots.get(2));
    assertThat(texts(MerkleProofs.inclusion(1, all.subList(0, 5))))
        .containsExactly(roots.get(1), NODE_2_3, LEAF_4);
    assertThat(texts(MerkleProofs.consistency(1, all))).containsExactly(LEAF_1, NODE_2_3, NODE_4_7);
    assertThat(texts(MerkleProofs.consistency(6, all)))
        .containsExactly(NODE_4_5, NODE_6_7, roots.get(4));
    assertThat(texts(MerkleProofs.consistency(2, all.subList(0, 5))))
        .containsExactly(NODE_2_3, LEAF_4);
    assertThat(MerkleProofs.consistency(8, all)).isEmpty();
  }

  @Test
  void provesEachLeafOfEachTreeAndNoOther() {
    List<Hash> hashes = CompactRangeTest.randomHashes(new Random(6962), 70);
    for (int size = 1; size <= hashes.size(); size++) {
      List<Hash> leaves = hashes.subList(0, size);
      Hash root = definedRoot(leaves);
      for (int index = 0; index < size; index++) {
        List<Hash> proof = MerkleProofs.inclusion(index, leaves);
        Hash leaf = leaves.get(index);
        assertThat(MerkleProofs.isIncluded(leaf, index, size, proof, root)).isTrue();
        assertThat(MerkleProofs.isIncluded(flipped(leaf), index, size, proof, root)).isFalse();
        assertThat(MerkleProofs.isIncluded(leaf, index + 1, size, proof, root)).isFalse();
        assertThat(MerkleProofs.isIncluded(leaf, index, size, proof, flipped(root))).isFalse();
        for (List<Hash> wrong : changed(proof)) {
          assertThat(MerkleProofs.isIncluded(leaf, index, size, wrong, root)).isFalse();
        }
      }
    }
  }

  @Test
  void provesThatEachTreeContinuesEachEarlierOne() {
    List<Hash> hashes = CompactRangeTest.randomHashes(new Random(2), 70);
    for (int later = 1; later <= hashes.size(); later++) {
      Hash laterRoot = definedRoot(hashes.subList(0, later));
      for (int earlier = 1; earlier <= later; earlier++) {
        Hash root = definedRoot(hashes.subList(0, earlier));
        List<Hash> proof = MerkleProofs.consistency(earlier, hashes.subList(0, later));
        assertThat(MerkleProofs.isConsistent(earlier, root, later, laterRoot, proof)).isTrue();
        assertThat(MerkleProofs.isConsistent(earlier, flipped(root), later, laterRoot, proof))
            .isFalse();
        assertThat(MerkleProofs.isConsistent(earlier, root, later, flipped(laterRoot), proof))
            .isFalse();
        for (List<Hash> wrong : changed(proof)) {
          assertThat(MerkleProofs.isConsistent(earlier, root, later, laterRoot, wrong)).isFalse();
        }
      }
    }
  }

  @Test
  void refusesWhatIsNoTree() {
    List<Hash> all = leafHashes();
    Hash root = definedRoot(all);
    assertThatThrownBy(() -> MerkleProofs.consistency(0, all))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> MerkleProofs.consistency(9, all))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> MerkleProofs.inclusion(8, all))
        .isInstanceOf(IndexOutOfBoundsException.class);
    assertThat(MerkleProofs.isIncluded(root, 0, 0, List.of(), root)).isFalse();
    assertThat(MerkleProofs.isIncluded(root, -1, 1, List.of(), root)).isFalse();
    assertThat(MerkleProofs.isConsistent(0, root, 8, root, List.of())).isFalse();
    assertThat(MerkleProofs.isConsistent(9, root, 8, root, List.of())).isFalse();
    assertThat(MerkleProofs.isConsistent(3, root, 8, root, List.of())).isFalse();
  }

  private static Hash flipped(Hash hash) {
    byte[] bytes = hash.bytes();
    bytes[7] ^= 16;
    return Hash.of(bytes);
  }

  /** The proof with one hash changed, without one, and with one more. */
  private static List<List<Hash>> changed(List<Hash> proof) {
    var all = new ArrayList<List<Hash>>();
    for (int i = 0; i < proof.size(); i++) {
      var one = new ArrayList<>(proof);
      one.set(i, flipped(proof.get(i)));
      all.add(one);
      var fewer = new ArrayList<>(proof);
      fewer.remove(i);
      all.add(fewer);
    }
    var more = new ArrayList<>(proof);
    more.add(Hash.of(HexFormat.of().parseHex(CompactRangeTest.ROOTS.getFirst())));
    all.add(more);
    return all;
  }
}
