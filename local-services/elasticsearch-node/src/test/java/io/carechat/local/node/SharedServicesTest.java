package io.carechat.local.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.carechat.local.ProcessLogs;
import io.carechat.local.SharedServices;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SharedServicesTest {
  @TempDir private Path temporary;

  @Test
  void oneOfEachPerJvm() {
    assertThat(SharedServices.postgres()).isSameAs(SharedServices.postgres());
    assertThat(SharedServices.elasticsearch()).isSameAs(SharedServices.elasticsearch());
  }

  @Test
  void endWithTheirJvmAndLeaveNothing() throws Exception {
    Process jvm =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx64m",
                "-XX:TieredStopAtLevel=1",
                "-Dcarechat.root=" + System.getProperty("carechat.root"),
                "-Djava.io.tmpdir=" + temporary,
                "-cp",
                System.getProperty("java.class.path"),
                User.class.getName())
            .redirectError(ProcessLogs.begin("shared-services").toFile())
            .start();
    String line = jvm.inputReader(StandardCharsets.UTF_8).readLine();
    assertThat(jvm.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(jvm.exitValue()).isZero();
    assertThat(line).isNotNull();
    for (String pid : List.of(line.split(" "))) {
      Optional<ProcessHandle> process = ProcessHandle.of(Long.parseLong(pid));
      if (process.isPresent()) {
        process.get().onExit().get(30, TimeUnit.SECONDS);
      }
    }
    try (Stream<Path> left = Files.list(temporary)) {
      assertThat(left.filter(path -> path.getFileName().toString().startsWith("carechat")))
          .isEmpty();
    }
  }

  /** A program that uses both, and simply ends. */
  static final class User {
    private User() {}

    public static void main(String[] arguments) {
      System.out.println(
          SharedServices.postgres().pid() + " " + SharedServices.elasticsearch().pid());
    }
  }
}
