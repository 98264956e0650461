package io.carechat.domain.evidence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The trees of the reference implementation of Certificate Transparency, and the definition. */
final class CompactRangeTest {
  /** The leaves and roots that the implementations of Certificate Transparency test with. */
  static final List<String> LEAVES =
      List.of(
          "",
          "00",
          "10",
          "2021",
          "3031",
          "40414243",
          "5051525354555657",
          "606162636465666768696a6b6c6d6e6f");

  static final List<String> ROOTS =
      List.of(
          "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
          "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
          "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
          "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
          "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
          "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
          "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
          "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
          "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328");

  static List<Hash> leafHashes() {
    return LEAVES.stream()
        .map(leaf -> CompactRange.leafHash(HexFormat.of().parseHex(leaf)))
        .toList();
  }

  /** MTH of RFC 9162, section 2.1.1, as it is defined. */
  static Hash definedRoot(List<Hash> leafHashes) {
    if (leafHashes.isEmpty()) {
      return Hash.sha256();
    }
    if (leafHashes.size() == 1) {
      return leafHashes.getFirst();
    }
    int half = 1;
    while (half * 2 < leafHashes.size()) {
      half *= 2;
    }
    return CompactRange.nodeHash(
        definedRoot(leafHashes.subList(0, half)),
        definedRoot(leafHashes.subList(half, leafHashes.size())));
  }

  static List<Hash> randomHashes(Random random, int count) {
    var hashes = new ArrayList<Hash>();
    for (int i = 0; i < count; i++) {
      byte[] bytes = new byte[Hash.LENGTH];
      random.nextBytes(bytes);
      hashes.add(Hash.of(bytes));
    }
    return hashes;
  }

  @Test
  void hasTheRootsOfCertificateTransparency() {
    CompactRange tree = CompactRange.EMPTY;
    assertThat(tree.root()).hasToString(ROOTS.getFirst());
    for (int size = 1; size <= LEAVES.size(); size++) {
      tree = tree.append(leafHashes().get(size - 1));
      assertThat(tree.root()).hasToString(ROOTS.get(size));
      assertThat(tree.size()).isEqualTo(size);
    }
  }

  /** The hashes of the hasher's own test in those implementations. */
  @Test
  void hashesLeavesAndNodesApart() {
    assertThat(CompactRange.leafHash("L123456".getBytes(StandardCharsets.UTF_8)))
        .hasToString("395aa064aa4c29f7010acfe3f25db9485bbd4b91897b6ad7ad547639252b4d56");
  }

  @Test
  void agreesWithTheDefinitionHoweverItGrows() {
    var random = new Random(9162);
    List<Hash> hashes = randomHashes(random, 300);
    CompactRange one = CompactRange.EMPTY;
    for (int size = 0; size < hashes.size(); size++) {
      assertThat(one.root()).isEqualTo(definedRoot(hashes.subList(0, size)));
      assertThat(one.bytes()).hasSize(Long.bitCount(size) * Hash.LENGTH);
      one = one.append(hashes.get(size));
    }
    for (int round = 0; round < 50; round++) {
      CompactRange tree = CompactRange.EMPTY;
      int at = 0;
      while (at < hashes.size()) {
        int next = Math.min(hashes.size(), at + random.nextInt(40));
        tree = tree.append(hashes.subList(at, next));
        // As after a restart.
        tree = CompactRange.of(tree.size(), tree.bytes());
        at = next;
      }
      assertThat(tree).isEqualTo(one).hasSameHashCodeAs(one);
    }
  }

  @Test
  void refusesAStateOfAnotherSize() {
    CompactRange tree = CompactRange.EMPTY.append(leafHashes());
    assertThatThrownBy(() -> CompactRange.of(7, tree.bytes()))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> CompactRange.of(-1, new byte[0]))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Hash.of(new byte[31])).isInstanceOf(IllegalArgumentException.class);
  }
}
