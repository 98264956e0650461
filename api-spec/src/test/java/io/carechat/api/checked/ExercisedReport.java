package io.carechat.api.checked;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * The end of a build: tells which operations, and which of their answers, the contract describes
 * and no test of the build ever saw, and the other way round.
 *
 * <p>It judges a build only if all the tests that it is told of were run in it: each of their
 * folders has the build's own name, so that what an earlier build left is never taken for this
 * one's.
 */
public final class ExercisedReport {
  private ExercisedReport() {}

  /** What is to be said of a build. */
  sealed interface Judgement {
    /** Everything that is described was exercised, and nothing else. */
    record Complete(int pairs) implements Judgement {}

    /**
     * It was not.
     *
     * @param missing each "operation status" that is described and was not seen, or "operation" if
     *     none of its answers was
     * @param undescribed what was seen and is not described
     */
    record Gaps(List<String> missing, List<String> undescribed) implements Judgement {}

    /** The build did not run all the tests. */
    record NotJudged(String reason) implements Judgement {}
  }

  /**
   * Prints the judgement; ends with status 1 if there are gaps.
   *
   * @param arguments whether a build that cannot be judged fails, {@code true} or {@code false};
   *     then the folders in which the tests of this build wrote down what they saw
   */
  public static void main(String[] arguments) {
    boolean required = Boolean.parseBoolean(arguments[0]);
    List<Path> folders = Stream.of(arguments).skip(1).map(Path::of).toList();
    boolean fails =
        switch (judge(described(), folders)) {
          case Judgement.Complete(int pairs) -> {
            System.out.println(
                "Every operation of the contract was exercised with every status: " + pairs + ".");
            yield false;
          }
          case Judgement.Gaps(var missing, var undescribed) -> {
            missing.forEach(each -> System.out.println("Described, but seen in no test: " + each));
            undescribed.forEach(each -> System.out.println("Seen, but not described: " + each));
            yield true;
          }
          case Judgement.NotJudged(String reason) -> {
            System.out.println(
                "Whether the whole contract is exercised cannot be said of this build: " + reason);
            yield required;
          }
        };
    if (fails) {
      System.exit(1);
    }
  }

  /**
   * Everything that has to be seen: each operation of the service with each of its statuses, and
   * each webhook delivered.
   */
  static Set<String> described() {
    Set<String> described = new LinkedHashSet<>();
    for (DescribedOperation operation : Document.served().operations()) {
      new TreeSet<>(operation.statuses())
          .forEach(status -> described.add(operation.id() + " " + status));
    }
    Document.received()
        .operations()
        .forEach(operation -> described.add(operation.id() + " " + DeliveryCheck.DELIVERED));
    return described;
  }

  /**
   * Judges a build.
   *
   * @param described each "operation status"
   * @param folders one for each set of tests that has to be run
   */
  static Judgement judge(Set<String> described, List<Path> folders) {
    Set<String> seen = new LinkedHashSet<>();
    for (Path folder : folders) {
      List<List<String>> files = files(folder);
      if (files.isEmpty()) {
        return new Judgement.NotJudged("the tests that write to " + folder + " were not run in it");
      }
      for (List<String> lines : files) {
        if (!lines.getFirst().equals(Exercised.WHOLE)) {
          return new Judgement.NotJudged("not all the tests that write to " + folder + " were run");
        }
        seen.addAll(lines.subList(1, lines.size()));
      }
    }
    List<String> missing = new ArrayList<>();
    for (String each : described) {
      String operation = operation(each);
      if (seen.stream().noneMatch(other -> operation(other).equals(operation))) {
        if (!missing.contains(operation)) {
          missing.add(operation);
        }
      } else if (!seen.contains(each)) {
        missing.add(each);
      }
    }
    List<String> undescribed = seen.stream().filter(each -> !described.contains(each)).toList();
    return missing.isEmpty() && undescribed.isEmpty()
        ? new Judgement.Complete(described.size())
        : new Judgement.Gaps(missing, undescribed);
  }

  private static String operation(String pair) {
    return pair.substring(0, pair.indexOf(' '));
  }

  private static List<List<String>> files(Path folder) {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    List<List<String>> files = new ArrayList<>();
    try (Stream<Path> all = Files.list(folder)) {
      for (Path file : all.toList()) {
        files.add(Files.readAllLines(file));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return files;
  }
}
