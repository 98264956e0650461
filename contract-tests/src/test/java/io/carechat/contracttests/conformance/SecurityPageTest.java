package io.carechat.contracttests.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Each promise of docs/security.md names a test that exists. */
final class SecurityPageTest {
  private static final Path ROOT =
      Path.of(Objects.requireNonNull(System.getProperty("carechat.root")));

  private static final Pattern NAMED = Pattern.compile("`([A-Z]\\w+)#(\\w+)`");

  /** A row of a table, without its head and the line below that. */
  private static final Pattern ROW = Pattern.compile("(?m)^\\|(?! ---)(.*)\\|$\n(?!\\| ---)");

  private static String page() throws IOException {
    return Files.readString(ROOT.resolve("docs/security.md"));
  }

  /** The sources of all tests, by the name of their class. */
  private static Map<String, String> tests() throws IOException {
    try (Stream<Path> files = Files.walk(ROOT)) {
      return files
          .filter(file ->
              file.toString().endsWith(".java")
                  && file.toString().contains("/src/test/java/")
                  && !file.toString().contains("/target/"))
          .collect(
              Collectors.toMap(
                  file -> file.getFileName().toString().replace(".java", ""),
                  SecurityPageTest::read,
                  String::concat));
    }
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void everyTestThatIsNamedExists() throws IOException {
    Map<String, String> tests = tests();
    List<MatchResult> named = NAMED.matcher(page()).results().toList();
    assertThat(named).hasSizeGreaterThan(30);
    assertThat(named)
        .allSatisfy(test ->
            assertThat(tests.getOrDefault(test.group(1), ""))
                .as(test.group())
                .containsPattern("void " + test.group(2) + "\\("));
  }

  @Test
  void everyPromiseNamesATestOrSaysThatItIsTheOperators() throws IOException {
    assertThat(ROW.matcher(page()).results().map(row -> row.group(1)).toList())
        .isNotEmpty()
        .allMatch(row -> NAMED.matcher(row).find() || row.contains("operator"));
  }
}
