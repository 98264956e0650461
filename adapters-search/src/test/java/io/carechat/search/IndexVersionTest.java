package io.carechat.search;

import static org.assertj.core.api.Assertions.assertThat;

import io.carechat.domain.search.query.Words;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;

/**
 * What is in an index was analysed when it was indexed. When these fail, the documents of existing
 * indices do not fit any more: raise the version in {@link ElasticsearchIndex} (and in the name of
 * the mappings' file), which makes the service fill a new index, and only then the figures here.
 */
final class IndexVersionTest {
  private static final int LAST = 0x2FFF;

  @Test
  void belongsToTheWordsOfThisAnalysis() {
    var sum = new CRC32C();
    for (int c = 1; c <= LAST; c++) {
      String around = "a" + Character.toString(c) + "b";
      for (String word : Words.foldedOf(around)) {
        sum.update((word + "\n").getBytes(StandardCharsets.UTF_8));
      }
    }

    assertThat(sum.getValue()).isEqualTo(2_003_329_141L);
  }

  @Test
  void belongsToTheMappingsOfThisFile() throws IOException {
    var sum = new CRC32C();
    try (InputStream file =
        Objects.requireNonNull(ElasticsearchIndex.class.getResourceAsStream("messages-v2.json"))) {
      sum.update(file.readAllBytes());
    }

    assertThat(sum.getValue()).isEqualTo(2_385_937_396L);
  }
}
