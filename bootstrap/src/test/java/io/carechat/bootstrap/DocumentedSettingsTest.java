package io.carechat.bootstrap;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code docs/configuration.md} has exactly the settings that are read. */
final class DocumentedSettingsTest {
  private static final Path PAGE = Path.of("../docs/configuration.md");
  private static final Pattern EXAMPLE = Pattern.compile("```yaml\n(.*?)```", Pattern.DOTALL);

  @TempDir private Path folder = Path.of("");

  private static List<String> examples() throws IOException {
    return EXAMPLE.matcher(Files.readString(PAGE)).results().map(match -> match.group(1)).toList();
  }

  /** Each example in a file. */
  private List<Path> files() throws IOException {
    var files = new ArrayList<Path>();
    for (String example : examples()) {
      files.add(Files.writeString(folder.resolve(files.size() + ".yaml"), example));
    }
    return files;
  }

  @Test
  void everySettingThatIsDocumentedIsRead() throws IOException {
    for (Path file : files()) {
      String faults = "";
      try {
        Settings _ = SettingsReader.read(file, Map.of());
      } catch (InvalidSettings invalid) {
        // Files with secrets are missing, for example.
        faults = String.valueOf(invalid.getMessage());
      }
      assertThat(faults).doesNotContain("there is no such setting");
    }
  }

  @Test
  void everySettingThatIsReadIsDocumented() throws IOException {
    String examples = String.join("\n", examples());
    var undocumented = new TreeSet<String>();
    var names = new TreeSet<String>();
    for (Path file : files()) {
      names.addAll(SettingsReader.names(file));
    }
    for (String name : names) {
      // The values of a list have numbers as names.
      String last = name.replaceAll("(\\.\\d+)+$", "").replaceAll(".*\\.", "");
      // The page says that for each secret there is a setting for a file too.
      String either = Pattern.quote(last.replaceAll("-file$", "")) + "(-file)?";
      if (!Pattern.compile("(?<![\\w-])" + either + "(?![\\w-])").matcher(examples).find()) {
        undocumented.add(name);
      }
    }
    assertThat(undocumented).isEmpty();
    assertThat(names)
        .contains("http.port", "webhooks.allowed-networks.0.ports.0", "quotas.0.stored-bytes");
  }
}
