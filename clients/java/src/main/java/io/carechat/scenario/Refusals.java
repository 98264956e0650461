package io.carechat.scenario;

import static io.carechat.scenario.Checks.check;
import static io.carechat.scenario.Checks.equal;

import io.carechat.client.ApiClient;
import io.carechat.client.ApiException;
import io.carechat.client.model.Problem;
import java.util.Objects;

/** Makes calls that the service refuses, and checks how it refuses them. */
final class Refusals {

  private Refusals() {}

  /** Makes a call that must be refused in exactly this way, and returns the refusal. */
  static ApiException refused(String what, int status, String code, Runnable call) {
    return check(
        what,
        () -> {
          try {
            call.run();
          } catch (ApiException refusal) {
            equal(refusal.getCode(), status);
            equal(header(refusal, "Content-Type"), "application/problem+json");
            Problem problem = problemOf(refusal);
            equal(problem.getCode(), code);
            equal(problem.getStatus(), status);
            equal(problem.getType(), "/problems/" + code);
            equal(problem.getInstance(), header(refusal, "X-Request-Id"));
            return refusal;
          }
          throw new AssertionError("It was not refused");
        });
  }

  /** A header of the refusal; empty if it does not have that header. */
  static String header(ApiException refusal, String name) {
    return refusal.getResponseHeaders().firstValue(name).orElse("");
  }

  /** The problem in the refusal's body. */
  static Problem problemOf(ApiException refusal) throws Exception {
    return ApiClient.createDefaultObjectMapper()
        .readValue(Objects.requireNonNull(refusal.getResponseBody()), Problem.class);
  }
}
