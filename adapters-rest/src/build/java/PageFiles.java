import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;

/**
 * Prepares the modules of the page for people: its own ones without their comments, and those of
 * Preact, which come from a WebJar. Fails if they are larger than the page may be.
 */
final class PageFiles {
  /** The most bytes that all modules together may have, each compressed with gzip. */
  private static final int MOST_BYTES = 40 * 1024;

  private static final Pattern COMMENT = Pattern.compile("/\\*\\*.*?\\*/ ?", Pattern.DOTALL);
  private static final Pattern LINE_COMMENT = Pattern.compile("(?m)^\\s*//.*\\n");
  private static final Pattern INDENTATION = Pattern.compile("(?m)^[ \\t]+|[ \\t]+$");
  private static final Pattern EMPTY_LINES = Pattern.compile("\\n{2,}");

  /** A module of Preact, and the name that it gets. */
  private record Foreign(String path, String name) {}

  private static final List<Foreign> PREACT =
      List.of(
          new Foreign("dist/preact.module.js", "preact.js"),
          new Foreign("hooks/dist/hooks.module.js", "hooks.js"));

  private PageFiles() {}

  /**
   * Takes the folder of the page's sources, the version of Preact, and the folder for the result.
   */
  public static void main(String[] args) throws IOException {
    Path sources = Path.of(args[0]);
    String version = args[1];
    Path target = Files.createDirectories(Path.of(args[2]));
    var modules = new TreeMap<String, String>();
    for (Path file : modulesIn(sources)) {
      modules.put(file.getFileName().toString(), withoutComments(Files.readString(file)));
    }
    for (Foreign foreign : PREACT) {
      // Browsers know only relative names, and the page may have no inline import map.
      String module =
          read(version, foreign.path()).replace("from\"preact\"", "from\"./preact.js\"");
      modules.put(foreign.name(), module.replaceAll("(?m)^//# sourceMappingURL=.*$", ""));
    }
    // A module that is gone from the sources goes from the result too.
    for (Path old : modulesIn(target)) {
      Files.delete(old);
    }
    int bytes = 0;
    for (var module : modules.entrySet()) {
      Files.writeString(target.resolve(module.getKey()), module.getValue());
      bytes += compressedLength(module.getValue());
    }
    Files.writeString(target.resolve("preact-license.txt"), read(version, "LICENSE"));
    if (bytes > MOST_BYTES) {
      throw new IllegalStateException(
          "The modules of the page have %d bytes when compressed; at most %d are allowed."
              .formatted(bytes, MOST_BYTES));
    }
  }

  private static List<Path> modulesIn(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(path -> path.toString().endsWith(".js")).toList();
    }
  }

  /**
   * Takes out what only readers of the source need. In the sources every {@code /**} begins a
   * comment, and every line that begins with {@code //} is one.
   */
  private static String withoutComments(String module) {
    String code = COMMENT.matcher(module).replaceAll("");
    code = LINE_COMMENT.matcher(code).replaceAll("");
    code = INDENTATION.matcher(code).replaceAll("");
    return EMPTY_LINES.matcher(code).replaceAll("\n").strip() + "\n";
  }

  private static String read(String version, String path) throws IOException {
    String name = "META-INF/resources/webjars/preact/" + version + "/" + path;
    try (InputStream in = PageFiles.class.getClassLoader().getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException("The WebJar of Preact has no " + name);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private static int compressedLength(String module) throws IOException {
    var bytes = new ByteArrayOutputStream();
    var best =
        new GZIPOutputStream(bytes) {
          {
            def.setLevel(Deflater.BEST_COMPRESSION);
          }
        };
    try (best) {
      best.write(module.getBytes(StandardCharsets.UTF_8));
    }
    return bytes.size();
  }
}
