package io.carechat.api.checked;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Writes down which operation was seen to answer what, in the folder that the system property
 * {@code carechat.exercised} names: a file for each JVM, whose first line says whether all tests
 * were run, and each further one names an operation and a status. The folder's name is the build's
 * own; what other builds left beside it is removed. Without the property nothing is written. Safe
 * for any thread.
 */
final class Exercised {
  /** The first line of a JVM that ran all tests. */
  static final String WHOLE = "whole";

  /** The first line of a JVM that ran those that somebody chose. */
  static final String NARROWED = "narrowed";

  private static final Exercised HERE = ofSystemProperties();

  private final @Nullable Path file;
  private final Set<String> noted = ConcurrentHashMap.newKeySet();

  private Exercised(@Nullable Path file) {
    this.file = file;
  }

  private static Exercised ofSystemProperties() {
    String folder = System.getProperty("carechat.exercised");
    // Maven hands the properties of its command line on.
    boolean narrowed =
        Stream.of("test", "it.test", "groups", "excludedGroups", "surefire.includesFile")
            .anyMatch(property -> System.getProperty(property) != null);
    return folder == null ? new Exercised(null) : in(Path.of(folder), narrowed);
  }

  /** Begins a file in a folder. */
  static Exercised in(Path folder, boolean narrowed) {
    try {
      Path builds = Files.createDirectories(folder).toAbsolutePath().getParent();
      if (builds != null) {
        removeOthers(builds, folder.toAbsolutePath());
      }
      Path file = Files.createTempFile(folder, "seen-", ".txt");
      Files.writeString(file, (narrowed ? NARROWED : WHOLE) + "\n");
      return new Exercised(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void removeOthers(Path builds, Path mine) throws IOException {
    List<Path> old = new ArrayList<>();
    try (Stream<Path> all = Files.walk(builds)) {
      all.filter(each -> !each.equals(builds) && !each.startsWith(mine)).forEach(old::add);
    }
    old.sort(Comparator.reverseOrder());
    for (Path each : old) {
      Files.deleteIfExists(each);
    }
  }

  /** Notes that an operation was seen to answer with a status. */
  static void note(String operation, String status) {
    HERE.add(operation, status);
  }

  void add(String operation, String status) {
    if (file != null && noted.add(operation + " " + status)) {
      try {
        Files.writeString(file, operation + " " + status + "\n", StandardOpenOption.APPEND);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
