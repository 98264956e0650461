package io.carechat.bootstrap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class FileHandlesTest {
  @TempDir private Path folder = Path.of("");
  private Settings settings;

  @BeforeEach
  void read() throws Exception {
    settings =
        SettingsReader.read(
            Files.writeString(
                folder.resolve("carechat.yaml"),
                """
                public-url: https://chat.example.org
                database: {url: jdbc:postgresql://db/carechat, user: u, password: p}
                search: {url: "http://search:9200"}
                http: {connections: 1000}
                streams: {open: 3000}
                """),
            Map.of());
  }

  @Test
  void changesNothingIfThereAreEnough() {
    assertThat(FileHandles.fit(settings, 20_000)).isSameAs(settings);
    assertThat(FileHandles.fit(settings, Long.MAX_VALUE)).isSameAs(settings);
    assertThat(FileHandles.max()).isGreaterThan(64);
  }

  @Test
  void acceptsNoMoreConnectionsThanThereAreFileHandles() {
    for (int max : new int[] {2_700, 3_000, 4_000, 6_000}) {
      Settings fitted = FileHandles.fit(settings, max);
      int connections = fitted.http().connections() + fitted.streams().open();
      assertThat(connections).isBetween(64, max - 2_400);
      assertThat(fitted.http().connectionsPerAddress()).isLessThan(connections);
      assertThat(fitted.streams().perInstance()).isLessThan(fitted.streams().open());
      assertThat(fitted.streams().perPatient()).isEqualTo(settings.streams().perPatient());
      assertThat(fitted.database()).isEqualTo(settings.database());
    }
  }

  @Test
  void refusesToStartWithHardlyAnyAndSaysWhatToDo() {
    for (int max : new int[] {256, 1_024, 2_500}) {
      assertThatIllegalStateException()
          .isThrownBy(() -> FileHandles.fit(settings, max))
          .withMessageContaining("may have " + max + " files open")
          .withMessageContaining("4000 for http.connections and streams.open")
          .withMessageContaining("ulimit -n")
          .withMessageContaining("LimitNOFILE")
          .withMessageNotContaining("\n");
    }
  }
}
