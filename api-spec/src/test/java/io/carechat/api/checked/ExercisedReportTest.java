package io.carechat.api.checked;

import static org.assertj.core.api.Assertions.assertThat;

import io.carechat.api.checked.ExercisedReport.Judgement;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The end of a build finds what was not exercised, and says nothing of builds it can't judge. */
final class ExercisedReportTest {
  private static final Set<String> DESCRIBED =
      new LinkedHashSet<>(List.of("send 201", "send 400", "find 200", "find 400", "get 200"));

  @TempDir private Path module;

  private Path folder(String build) {
    return module.resolve("tests").resolve(build);
  }

  @Test
  void namesWhatIsMissingAndWhatIsTooMuch() {
    Path folder = folder("now");
    Exercised first = Exercised.in(folder, false);
    first.add("send", "201");
    first.add("send", "418");
    Exercised.in(folder, false).add("find", "200");

    assertThat(ExercisedReport.judge(DESCRIBED, List.of(folder)))
        .isEqualTo(new Judgement.Gaps(List.of("send 400", "find 400", "get"), List.of("send 418")));
  }

  @Test
  void isContentWithAllThatSeveralModulesSaw() {
    Path here = folder("now");
    Path there = module.resolve("integration-tests").resolve("now");
    Exercised first = Exercised.in(here, false);
    List.of("201", "400", "400").forEach(status -> first.add("send", status));
    Exercised second = Exercised.in(there, false);
    List.of("200", "400").forEach(status -> second.add("find", status));
    second.add("get", "200");

    assertThat(ExercisedReport.judge(DESCRIBED, List.of(here, there)))
        .isEqualTo(new Judgement.Complete(5));
  }

  /** Otherwise a build of one module would fail for what the others' tests see. */
  @Test
  void doesNotJudgeABuildInWhichAModuleWasNotTested() {
    Exercised.in(folder("now"), false).add("send", "201");

    assertThat(
            ExercisedReport.judge(
                DESCRIBED, List.of(folder("now"), module.resolve("other").resolve("now"))))
        .isInstanceOf(Judgement.NotJudged.class);
  }

  /** Otherwise a gap would be hidden by what an earlier build saw. */
  @Test
  void doesNotCountWhatAnEarlierBuildSaw() {
    Exercised earlier = Exercised.in(folder("earlier"), false);
    DESCRIBED.forEach(pair -> earlier.add(pair.split(" ", 2)[0], pair.split(" ", 2)[1]));

    assertThat(ExercisedReport.judge(DESCRIBED, List.of(folder("now"))))
        .isInstanceOf(Judgement.NotJudged.class);
    Exercised.in(folder("now"), false).add("send", "201");

    assertThat(ExercisedReport.judge(DESCRIBED, List.of(folder("now"))))
        .isEqualTo(new Judgement.Gaps(List.of("send 400", "find", "get"), List.of()));
    assertThat(folder("earlier")).doesNotExist();
  }

  @Test
  void doesNotJudgeABuildOfChosenTests() {
    Exercised.in(folder("now"), true).add("send", "201");

    assertThat(ExercisedReport.judge(DESCRIBED, List.of(folder("now"))))
        .isInstanceOf(Judgement.NotJudged.class);
  }

  @Test
  void knowsEveryOperationAndStatusOfTheContract() throws IOException {
    Set<String> described = ExercisedReport.described();

    assertThat(described)
        .contains(
            "sendMessage 201", "sendMessage 422", "getReadiness 503", "receiveMessage delivered");
    long ids =
        Files.readAllLines(Path.of("openapi.yaml")).stream()
            .filter(line -> line.strip().startsWith("operationId:"))
            .count();
    assertThat(
            described.stream()
                .filter(pair -> !pair.endsWith("delivered"))
                .map(pair -> pair.split(" ", 2)[0])
                .distinct())
        .hasSize((int) ids);
  }
}
