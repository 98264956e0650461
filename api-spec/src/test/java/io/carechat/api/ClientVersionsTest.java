package io.carechat.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The clients have the version of the contract that they are generated from. */
final class ClientVersionsTest {

  private static final Path ROOT = Path.of("..");

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "api-spec/java-client/pom.xml |"
            + " <artifactId>carechat-java-client</artifactId>\\s*(?:<!--.*?-->)?\\s*<version>(.*?)<",
        "api-spec/java-client/README.md |"
            + " <artifactId>carechat-java-client</artifactId>\\s*<version>(.*?)<",
        "pom.xml |"
            + " <artifactId>carechat-java-client</artifactId>\\s*(?:<!--.*?-->)?\\s*<version>(.*?)<",
        "clients/pom.xml | <packageVersion>(.*?)<",
        "clients/typescript/package.json | \"version\": \"(.*?)\"",
        "clients/typescript/package-lock.json |"
            + " \"name\": \"carechat-client\",\\s*\"version\": \"(.*?)\""
      })
  void isThatOfTheContract(String file, String version) throws IOException {
    String contract = new Documents("openapi").root().at("/info/version").asText();
    assertThat(
            Pattern.compile(version)
                .matcher(Files.readString(ROOT.resolve(file)))
                .results()
                .map(found -> found.group(1)))
        .as("info.version of openapi.yaml, in %s", file)
        .isNotEmpty()
        .containsOnly(contract);
  }
}
