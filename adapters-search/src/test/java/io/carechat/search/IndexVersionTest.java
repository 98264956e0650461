package io.carechat.search;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;

/**
 * When this fails, the documents of existing indices do not fit any more: raise the version in
 * {@link ElasticsearchIndex} (and in the name of the mappings' file), which makes the service fill
 * a new index, and only then the figure here. The analysis of words has a version and a fingerprint
 * of its own ({@link io.carechat.domain.search.query.Words}).
 */
final class IndexVersionTest {
  @Test
  void belongsToTheMappingsOfThisFile() throws IOException {
    var sum = new CRC32C();
    try (InputStream file =
        Objects.requireNonNull(ElasticsearchIndex.class.getResourceAsStream("messages-v3.json"))) {
      sum.update(file.readAllBytes());
    }

    assertThat(sum.getValue()).isEqualTo(3_324_822_491L);
  }
}
