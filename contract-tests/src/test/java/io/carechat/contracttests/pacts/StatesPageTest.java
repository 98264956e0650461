package io.carechat.contracttests.pacts;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The page about provider states lists what the code has. */
final class StatesPageTest {
  @Test
  void listsEveryStateWithItsParameters() throws IOException {
    List<String> rows =
        Files.readAllLines(Path.of("..", "docs", "pacts.md")).stream()
            .filter(line -> line.startsWith("| `"))
            .map(line -> line.substring(0, line.indexOf('|', line.indexOf('|', 1) + 1)).strip())
            .toList();

    assertThat(rows)
        .containsExactlyInAnyOrderElementsOf(
            ChatStates.PARAMETERS.entrySet().stream()
                .map(state ->
                    "| `" + state.getKey() + "` | `" + String.join("`, `", state.getValue()) + "`")
                .toList());
  }
}
