import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Run by the build: makes openapi.json and webhooks.json of the two YAML documents, member for
 * member. (The generator's own conversion changes examples that look like dates.)
 */
final class ContractFiles {

  private ContractFiles() {}

  /** Takes the folder of the documents and the folder for the results. */
  public static void main(String[] folders) throws IOException {
    Path from = Path.of(folders[0]);
    Path to = Files.createDirectories(Path.of(folders[1]));
    ObjectMapper json = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);
    for (String name : new String[] {"openapi", "webhooks"}) {
      json.writeValue(
          to.resolve(name + ".json").toFile(),
          new YAMLMapper().readTree(from.resolve(name + ".yaml").toFile()));
    }
  }
}
