package io.carechat.contracttests.pacts;

import static java.util.stream.Collectors.counting;
import static java.util.stream.Collectors.groupingBy;
import static org.assertj.core.api.Assertions.assertThat;

import au.com.dius.pact.core.model.Pact;
import io.carechat.contracttests.running.RunningService;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * The running service keeps the pacts of our own consumers. They are verified as any partner's
 * pacts are.
 */
@ExtendWith(RunningService.Parameter.class)
final class PactsAreKeptIT {
  private final RunningService service;

  PactsAreKeptIT(RunningService service) {
    this.service = service;
  }

  @TestFactory
  Stream<DynamicTest> everyInteractionIsKept() {
    var verification = new PactVerification(service);
    return written().stream()
        .flatMap(pact -> verification.verify(pact, false).stream())
        .map(outcome ->
            DynamicTest.dynamicTest(
                outcome.consumer() + ": " + outcome.interaction(),
                () -> assertThat(outcome.differences()).isEmpty()));
  }

  /** A verification without failures is worth nothing if there was nothing to verify. */
  @Test
  void everyPactIsThere() {
    assertThat(
            written().stream()
                .flatMap(pact ->
                    pact.getInteractions().stream().map(each -> pact.getConsumer().getName()))
                .collect(groupingBy(consumer -> consumer, counting())))
        .isEqualTo(Map.of("patient-app", 10L, "partner-server", 9L, "webhook-receiver", 1L));
  }

  private static List<Pact> written() {
    return PactFiles.load(Objects.requireNonNull(System.getProperty("carechat.pacts")));
  }
}
