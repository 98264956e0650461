package io.carechat.contracttests.generated;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.carechat.api.checked.DescribedOperation;
import io.carechat.api.checked.Document;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every random choice gives a request. */
final class ChangesTest {
  private static final int DRAWN = 1_000;
  private static final int AT_ONCE = 3;

  /** Even if nothing is left of a token. */
  @Test
  void makesATokenOfAnything() {
    for (long seed = 0; seed < 100_000; seed++) {
      var random = new Random(seed);
      assertThatCode(() -> Texts.token(random)).as("seed %d", seed).doesNotThrowAnyException();
    }
  }

  static Stream<DescribedOperation> operations() {
    return Document.served().operations().stream();
  }

  @ParameterizedTest
  @MethodSource("operations")
  void makesARequestOfAnything(DescribedOperation operation) {
    for (long seed = 0; seed < DRAWN; seed++) {
      var random = new Random(seed);
      var request = new WireRequest(Changes.good(random, operation));
      var changes = new Changes(random, operation, List.of(List.of()));
      for (int i = 0; i < AT_ONCE; i++) {
        changes.next().to().accept(request);
      }
      assertThat(request.bytes()).as("seed %d", seed).isNotEmpty();
    }
  }
}
