package io.carechat.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.carechat.api.BreakingChanges.Served;
import java.io.IOException;
import java.lang.module.ModuleDescriptor.Version;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The gate: the contract breaks nothing of the one released last, and its versions are told. */
final class ReleasedContractTest {

  private static final YAMLMapper YAML = new YAMLMapper();
  private static final Path RELEASED = Path.of("released");

  /**
   * Operations that have changed since the last release so that openapi-diff takes them for broken
   * and they are not, as "METHOD path", each with the reason. To be emptied with each release.
   */
  private static final Map<String, String> JUDGED_COMPATIBLE =
      Map.of(
          "POST /standard", "its type was an enum that was open to more values, and is a string",
          "POST /thin", "its type was an enum that was open to more values, and is a string");

  @ParameterizedTest
  @ValueSource(strings = {"openapi", "webhooks"})
  void nothingOfTheLastReleaseIsBroken(String document) throws IOException {
    Served served = document.equals("openapi") ? Served.BY_US : Served.BY_PARTNERS;
    Version last = releases().getLast();
    JsonNode released =
        BreakingChanges.withoutEnded(
            BreakingChanges.asHeld(released(last, document)), Instant.now());
    JsonNode next = BreakingChanges.asHeld(new Documents(document).root());

    List<String> broken = new ArrayList<>(BreakingChanges.between(released, next, served));
    for (String operation : Differ.between(released, next, served)) {
      if (broken.isEmpty() && !JUDGED_COMPATIBLE.containsKey(operation)) {
        broken.add(
            operation + ": openapi-diff finds a break (if it is wrong, say why in this test)");
      }
    }
    assertThat(broken)
        .as(
            """
            %s.yaml breaks what was released as %s, for those who wrote code against it.
            Undo that, and add what is wanted beside the old: an optional member or parameter, another operation.
            Mark an operation that is to go with deprecated, x-deprecated-at and x-sunset; after its sunset it may go.
            The rules are in api-spec/CHANGELOG.md. A compatible change gets an entry there and a higher info.version, and
            with its release a folder in api-spec/released.\
            """,
            document, last)
        .isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"openapi", "webhooks"})
  void theVersionIsThatOfAReleaseWithoutAChangeOrANewerOne(String document) throws IOException {
    JsonNode next = new Documents(document).root();
    Version version = version(next);
    if (releases().contains(version)) {
      // The documents themselves are too long to be shown.
      assertThat(next.equals(released(version, document)))
          .as(
              """
              %1$s.yaml differs from api-spec/released/%2$s/%1$s.yaml, and what is released does not change.
              Raise info.version in both documents and write the change down in api-spec/CHANGELOG.md. (Only if nobody has
              got %2$s yet: copy both documents to api-spec/released/%2$s.)\
              """,
              document, version)
          .isTrue();
    } else {
      assertThat(version).isGreaterThan(releases().getLast());
    }
  }

  @Test
  void bothDocumentsHaveOneVersion() {
    assertThat(version(new Documents("webhooks").root()))
        .isEqualTo(version(new Documents("openapi").root()));
  }

  @Test
  void everyVersionIsInTheChangelogNewestFirst() throws IOException {
    List<Version> told =
        Files.readAllLines(Path.of("CHANGELOG.md")).stream()
            .filter(line -> line.startsWith("## "))
            .map(line -> Version.parse(line.substring(3).strip()))
            .toList();
    List<Version> known = new ArrayList<>(releases());
    Version version = version(new Documents("openapi").root());
    if (!known.contains(version)) {
      known.add(version);
    }
    assertThat(told).isEqualTo(known.reversed());
  }

  @Test
  void everyReleaseIsOfItsVersion() throws IOException {
    for (Version release : releases()) {
      for (String document : List.of("openapi", "webhooks")) {
        assertThat(version(released(release, document))).isEqualTo(release);
      }
    }
  }

  /** The oldest first. There is always one. */
  private static List<Version> releases() throws IOException {
    try (Stream<Path> folders = Files.list(RELEASED)) {
      return folders
          .map(folder -> Version.parse(folder.getFileName().toString()))
          .sorted()
          .toList();
    }
  }

  private static JsonNode released(Version version, String document) throws IOException {
    return YAML.readTree(RELEASED.resolve(version.toString()).resolve(document + ".yaml").toFile());
  }

  private static Version version(JsonNode document) {
    return Version.parse(document.at("/info/version").asText());
  }
}
