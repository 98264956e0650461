package io.carechat.contracttests.pacts;

import static org.assertj.core.api.Assertions.assertThat;

import io.carechat.contracttests.running.RunningService;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Pacts that the JavaScript library wrote, kept and not: see {@code pact-js} beside. */
@ExtendWith(RunningService.Parameter.class)
final class PactVerificationIT {
  private final RunningService service;

  PactVerificationIT(RunningService service) {
    this.service = service;
  }

  @Test
  void findsAPactKept() throws Exception {
    assertThat(verified("js-portal-carechat.json", false)).hasSize(2).allMatch(Outcome::kept);
  }

  @Test
  void tellsWhatDiffers() throws Exception {
    List<Outcome> outcomes = verified("js-differing-carechat.json", false);

    assertThat(outcomes).hasSize(2).allMatch(Outcome::fails);
    assertThat(outcomes.getLast().report())
        .contains("an empty page that is found", "has no member 'total'", "$.meta.found");
    assertThat(outcomes.getFirst().report())
        .contains("There is no provider state 'a full moon'", ProviderStates.CHAT);
  }

  @Test
  void onlyReportsWhatIsPending() throws Exception {
    assertThat(verified("js-differing-carechat.json", true))
        .hasSize(2)
        .noneMatch(Outcome::kept)
        .noneMatch(Outcome::fails);
  }

  @Test
  void findsNothingInAnEmptyFolder(@TempDir Path folder) throws IOException {
    assertThat(PactVerification.load(folder.toString())).isEmpty();
  }

  private List<Outcome> verified(String file, boolean pending) throws Exception {
    Path place =
        Path.of(Objects.requireNonNull(PactVerificationIT.class.getResource(file)).toURI());
    return PactVerification.load(place.toString()).stream()
        .flatMap(pact -> new PactVerification(service).verify(pact, pending).stream())
        .toList();
  }
}
