package io.carechat.bootstrap;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import org.junit.jupiter.api.Test;

final class CloseablesTest {
  @Test
  void closesTheNewestFirstAndGoesOnAfterAFailureAndOnceOnly() {
    var closed = new ArrayList<String>();
    var closeables = new Closeables();
    AutoCloseable first = closeables.add(() -> closed.add("first"));
    AutoCloseable _ =
        closeables.add(() -> {
          closed.add("fails");
          throw new IllegalStateException("a part that fails to close");
        });
    AutoCloseable _ = closeables.add(() -> closed.add("third"));
    assertThat(first).isNotNull();

    closeables.close();
    closeables.close();

    assertThat(closed).containsExactly("third", "fails", "first");
  }
}
