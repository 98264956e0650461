package io.carechat.persistence;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Statements are written with jOOQ against the generated classes, so that a renamed column breaks
 * the build. No text in the sources has a statement, but in the classes that decision 23 lists.
 */
final class NoSqlAsTextTest {
  private static final Path SOURCES = Path.of("src/main/java");

  private static final List<String> EXCEPTIONS =
      List.of("schema/Safety.java", "schema/Schema.java", "events/LogNotifier.java");

  /** Comments and characters, which may have quotes in them, before texts. */
  private static final Pattern TOKEN =
      Pattern.compile(
          "//[^\n]*|/\\*.*?\\*/|'(?:\\\\.|[^'\\\\])'"
              + "|(?<text>\"\"\"(?:\\\\.|.)*?\"\"\"|\"(?:\\\\.|[^\"\\\\\n])*\")",
          Pattern.DOTALL);

  private static final Pattern STATEMENT =
      Pattern.compile("\\b(select\\s|insert\\s+into\\b|update\\s|delete\\s+from\\b)");

  @Test
  void hasNoStatementOutsideTheExceptions() throws IOException {
    List<String> found = new ArrayList<>();
    try (Stream<Path> files = Files.walk(SOURCES)) {
      for (Path file : files.filter(path -> path.toString().endsWith(".java")).toList()) {
        if (EXCEPTIONS.stream().noneMatch(file::endsWith)) {
          statementsIn(Files.readString(file)).forEach(text -> found.add(file + ": " + text));
        }
      }
    }

    assertThat(found).isEmpty();
  }

  @Test
  void findsStatementsInTextsAndNotInComments() {
    assertThat(
            statementsIn(
                """
                // "select a"
                /** It's an "update of". */
                char quote = '"';
                String harmless = "selected";
                String one = "SELECT a";
                String two = \"""
                    insert
                      into b
                    \""";
                String three = "with c as (delete from d)" + "update e";
                """))
        .hasSize(4);
  }

  @Test
  void excludesOnlyWhatExists() {
    assertThat(EXCEPTIONS)
        .allSatisfy(
            file -> assertThat(SOURCES.resolve("io/carechat/persistence").resolve(file)).exists());
  }

  private static List<String> statementsIn(String source) {
    List<String> found = new ArrayList<>();
    Matcher token = TOKEN.matcher(source);
    while (token.find()) {
      String text = token.group("text");
      if (text != null && STATEMENT.matcher(text.toLowerCase(Locale.ROOT)).find()) {
        found.add(text);
      }
    }
    return found;
  }
}
