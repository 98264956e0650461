package io.carechat.local;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Locale;
import java.util.Properties;
import java.util.function.Consumer;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.tukaani.xz.XZInputStream;

/**
 * PostgreSQL's programs, unpacked: {@code initdb}, {@code pg_ctl} and {@code postgres}.
 *
 * @param version for example 18.6.0
 * @param folder the folder with {@code bin}, {@code lib} and {@code share}
 */
record PostgresProgram(String version, Path folder) {

  /**
   * Finds the programs, and unpacks them if necessary. They are unpacked once for a checkout if the
   * build says where that is ({@code carechat.root}), otherwise once for each folder of data.
   * Several processes may call this at the same time.
   */
  static PostgresProgram unpacked(Path dataFolder, Consumer<String> progress) throws IOException {
    String version = bundledVersion();
    String platform = platform();
    String root = System.getProperty("carechat.root");
    Path instance = root == null ? dataFolder : Path.of(root, "local-services", "target");
    Files.createDirectories(instance);
    Path folder = instance.toRealPath().resolve("postgresql-" + version + "-" + platform);
    if (!Files.isDirectory(folder)) {
      progress.accept("unpacking PostgreSQL " + version);
      unpack("postgres-" + platform + ".txz", folder);
    }
    return new PostgresProgram(version, folder);
  }

  String program(String name) {
    return folder.resolve("bin").resolve(name).toString();
  }

  /** The major version. Data must have been made with the same one. For 18.6.0 it is 18. */
  String major() {
    return version.substring(0, version.indexOf('.'));
  }

  private static String bundledVersion() throws IOException {
    Properties properties = new Properties();
    try (InputStream in = PostgresProgram.class.getResourceAsStream("postgresql.properties")) {
      if (in == null) {
        throw new IllegalStateException("postgresql.properties is missing beside this class");
      }
      properties.load(in);
    }
    return properties.getProperty("version");
  }

  private static String platform() {
    String name = System.getProperty("os.name").toLowerCase(Locale.ROOT);
    if (!name.equals("linux") && !name.startsWith("mac")) {
      throw new LocalServiceException("there is no bundled PostgreSQL for " + name);
    }
    String system = name.equals("linux") ? "linux" : "darwin";
    String architecture = System.getProperty("os.arch");
    return switch (architecture) {
      case "amd64", "x86_64" -> system + "-x86_64";
      case "aarch64" -> system + "-arm_64";
      default ->
          throw new LocalServiceException("there is no bundled PostgreSQL for " + architecture);
    };
  }

  private static void unpack(String archive, Path folder) throws IOException {
    Path part = Files.createTempDirectory(folder.getParent(), folder.getFileName() + ".part");
    try {
      try (InputStream in = PostgresProgram.class.getResourceAsStream("/" + archive)) {
        if (in == null) {
          throw new LocalServiceException(archive + " is not on the class path");
        }
        extract(in, part.toRealPath());
      }
      // The server may run as another user, who must be able to read this.
      Files.setPosixFilePermissions(part, PosixFilePermissions.fromString("rwxr-xr-x"));
      Files.move(part, folder, StandardCopyOption.ATOMIC_MOVE);
    } catch (FileSystemException e) {
      // Another process may have been faster. A folder that is not empty cannot be replaced.
      if (!Files.isDirectory(folder)) {
        throw e;
      }
    } finally {
      FileTree.delete(part);
    }
  }

  private static void extract(InputStream archive, Path target) throws IOException {
    try (TarArchiveInputStream tar =
        new TarArchiveInputStream(
            new BufferedInputStream(new XZInputStream(new BufferedInputStream(archive))))) {
      for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
        Path path = inside(target, target.resolve(entry.getName()));
        if (entry.isDirectory()) {
          Files.createDirectories(path);
          continue;
        }
        Path parent = Files.createDirectories(inside(target, path.resolveSibling("")));
        if (entry.isSymbolicLink()) {
          Path link = Path.of(entry.getLinkName());
          inside(target, parent.resolve(link));
          Files.createSymbolicLink(path, link);
        } else {
          Files.copy(tar, path);
          boolean program = (entry.getMode() & 0100) != 0;
          Files.setPosixFilePermissions(
              path, PosixFilePermissions.fromString(program ? "rwxr-xr-x" : "rw-r--r--"));
        }
      }
    }
  }

  private static Path inside(Path target, Path path) throws IOException {
    Path normal = path.normalize();
    if (!normal.startsWith(target)) {
      throw new IOException("an entry of the archive points outside: " + path);
    }
    return normal;
  }
}
