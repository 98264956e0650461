package io.carechat.contracttests.pacts;

import static org.assertj.core.api.Assertions.assertThat;

import io.carechat.contracttests.running.RunningService;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Pacts that the JavaScript library wrote, some that the service keeps and some that it does not.
 * They come from {@code pact-js}, beside this class.
 */
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

  @ParameterizedTest
  @ValueSource(
      strings = {
        "partner-v2.json",
        "partner-v3.json",
        "partner-v4.json",
        "parts-and-umlauts-v3.json",
        "receiver-v3.json",
        "receiver-v4.json",
        "js-receiver-carechat.json",
        "js-keeper-carechat.json",
        "webhooks-v3.json"
      })
  void verifiesEveryVersion(String file) throws Exception {
    assertThat(verified(file, false))
        .isNotEmpty()
        .allSatisfy(outcome -> assertThat(outcome.differences()).isEmpty());
  }

  @Test
  void tellsHowADeliveryDiffers() throws Exception {
    assertThat(verified("receiver-differing.json", false))
        .singleElement()
        .satisfies(outcome ->
            assertThat(outcome.report())
                .startsWith("DIFFERS  receiver-differing: a message of a patient\n")
                .contains("contract: the webhook has no header 'X-Signature'")
                .contains("contract: body $ has no member 'text'")
                .contains("body $.message: Expected 'Good morning' (String) to be equal to 'Good")
                .contains("metadata X-Signature: Expected metadata 'X-Signature' but was missing"));
  }

  @Test
  void tellsWhatAMessageCannotBe() throws Exception {
    List<Outcome> outcomes = verified("states-differing.json", false);

    assertThat(outcomes).hasSize(3).allMatch(Outcome::fails);
    assertThat(outcomes.get(0).report())
        .contains("With the payload SOURCE there is no event chat.read");
    assertThat(outcomes.get(1).report())
        .contains(
            "The parameter 'event' must be message.sent or chat.read or webhook.ping, not"
                + " 'chat.closed'.");
    assertThat(outcomes.get(2).report())
        .contains(
            "contract: body $.data has no member 'message'",
            "body $.data: Actual map is missing the following keys: message");
  }

  @Test
  void tellsThatTheMediaTypeDiffers() throws Exception {
    assertThat(verified("media-type-v3.json", false))
        .singleElement()
        .satisfies(outcome ->
            assertThat(outcome.report())
                .contains(
                    "Content-Type: Expected 'application/json' but received"
                        + " 'application/problem+json'"));
  }

  @Test
  void doesNotFailForWhatThePactItselfCallsPending() throws Exception {
    assertThat(verified("pending-v4.json", false))
        .singleElement()
        .satisfies(outcome -> {
          assertThat(outcome.kept()).isFalse();
          assertThat(outcome.fails()).isFalse();
          assertThat(outcome.report()).startsWith("pending  ").contains("$.meta.found");
        });
  }

  private List<Outcome> verified(String file, boolean pending) throws Exception {
    Path instance =
        Path.of(Objects.requireNonNull(PactVerificationIT.class.getResource(file)).toURI());
    return PactFiles.load(instance.toString()).stream()
        .flatMap(pact -> new PactVerification(service).verify(pact, pending).stream())
        .toList();
  }
}
