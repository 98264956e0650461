package io.carechat.contracttests.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The indexes of the documentation list every page, and its links lead to something. */
final class DocumentationTest {
  private static final Path ROOT =
      Path.of(Objects.requireNonNull(System.getProperty("carechat.root")));
  private static final Path DECISIONS = ROOT.resolve("docs/decisions");

  /** A line of the index: number, title, file, status. */
  private static final Pattern DECISION =
      Pattern.compile(
          "(?m)^- \\*\\*(\\d+)\\. \\[.+]\\((\\d{4}-[a-z0-9-]+\\.md)\\)\\*\\*"
              + " \\((in force|replaced by \\d+)\\)\n  \\S");

  private static final Pattern LINK = Pattern.compile("]\\((?!https?:)([^)#\\s]+)(?:#[^)]*)?\\)");

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The pages of a folder, ordered by name, without its index. */
  private static List<String> pages(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .map(file -> String.valueOf(file.getFileName()))
          .filter(name -> name.endsWith(".md") && !name.equals("README.md"))
          .sorted()
          .toList();
    }
  }

  @Test
  void everyDecisionIsInTheIndexInTheOrderOfTheNumbers() throws IOException {
    List<MatchResult> lines =
        DECISION.matcher(read(DECISIONS.resolve("README.md"))).results().toList();
    assertThat(lines).extracting(line -> line.group(2)).isEqualTo(pages(DECISIONS));
    assertThat(lines)
        .extracting(line -> Integer.valueOf(line.group(1)))
        .isEqualTo(IntStream.rangeClosed(1, lines.size()).boxed().toList());
    for (MatchResult line : lines) {
      assertThat(line.group(2)).startsWith("%04d-".formatted(Integer.valueOf(line.group(1))));
      assertThat(read(DECISIONS.resolve(line.group(2)))).startsWith("# " + line.group(1) + ". ");
    }
  }

  @Test
  void everyPageIsInTheIndex() throws IOException {
    String index = read(ROOT.resolve("docs/README.md"));
    assertThat(pages(ROOT.resolve("docs"))).allMatch(page -> index.contains("](" + page + ")"));
  }

  @Test
  void linksLeadToFiles() throws IOException {
    var pages = new ArrayList<Path>();
    for (Path folder : List.of(ROOT, ROOT.resolve("docs"), DECISIONS)) {
      pages(folder).forEach(page -> pages.add(folder.resolve(page)));
      pages.add(folder.resolve("README.md"));
    }
    for (Path page : pages) {
      assertThat(LINK.matcher(read(page)).results().map(link -> link.group(1)))
          .as("%s", page)
          .allMatch(link -> Files.exists(page.resolveSibling(link)));
    }
  }

  @Test
  void theLicenceIsTheSameEverywhere() {
    assertThat(read(ROOT.resolve("LICENSE"))).contains("Apache License\n", "Version 2.0,");
    String url = "https://www.apache.org/licenses/LICENSE-2.0";
    for (String file : List.of("pom.xml", "api-spec/openapi.yaml", "api-spec/webhooks.yaml")) {
      assertThat(read(ROOT.resolve(file))).contains("Apache-2.0", url);
    }
  }
}
