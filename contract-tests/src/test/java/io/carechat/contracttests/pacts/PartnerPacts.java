package io.carechat.contracttests.pacts;

import static org.assertj.core.api.Assertions.assertThat;

import au.com.dius.pact.core.model.Pact;
import io.carechat.contracttests.running.RunningService;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * The command {@code ./carechat verify-pacts}. It runs only if it is named. It reads three system
 * properties: {@code partner.pacts} (a folder, file or address), {@code partner.pending} and {@code
 * partner.report} (the file to write).
 */
@ExtendWith(RunningService.Parameter.class)
final class PartnerPacts {
  @Test
  void areKept(RunningService service) throws IOException {
    Path report = Path.of(Objects.requireNonNull(System.getProperty("partner.report")));
    String instance = Objects.requireNonNull(System.getProperty("partner.pacts"));
    List<Pact> pacts;
    try {
      pacts = PactFiles.load(instance);
    } catch (IllegalArgumentException e) {
      Files.writeString(report, e.getMessage() + "\n");
      throw e;
    }
    var verification = new PactVerification(service);
    boolean pending = Boolean.getBoolean("partner.pending");
    List<Outcome> outcomes =
        pacts.stream().flatMap(pact -> verification.verify(pact, pending).stream()).toList();
    Files.writeString(report, report(outcomes));
    assertThat(outcomes).isNotEmpty().noneMatch(Outcome::fails);
  }

  private static String report(List<Outcome> outcomes) {
    return outcomes.stream().map(Outcome::report).collect(Collectors.joining())
        + String.format(
            "%d interactions: %d kept, %d differ, %d pending%n",
            outcomes.size(),
            outcomes.stream().filter(Outcome::kept).count(),
            outcomes.stream().filter(Outcome::fails).count(),
            outcomes.stream().filter(each -> !each.kept() && each.pending()).count());
  }
}
