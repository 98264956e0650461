package io.carechat.contracttests.endtoend;

import static com.github.tomakehurst.wiremock.client.WireMock.anyUrl;
import static com.github.tomakehurst.wiremock.client.WireMock.equalTo;
import static com.github.tomakehurst.wiremock.client.WireMock.matchingJsonPath;
import static com.github.tomakehurst.wiremock.client.WireMock.postRequestedFor;

import com.github.tomakehurst.wiremock.verification.LoggedRequest;
import io.carechat.contracttests.running.RunningService;
import java.util.List;
import java.util.UUID;

/** The calls that the receiver has got so far. */
final class Deliveries {
  private Deliveries() {}

  /** The calls about a patient's chat, in the order of arrival. */
  static List<LoggedRequest> to(RunningService service, UUID patient) {
    return service
        .receiver()
        .findAll(
            postRequestedFor(anyUrl())
                .withRequestBody(matchingJsonPath("$.patientId", equalTo(patient.toString()))));
  }
}
