package io.carechat.rest.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.carechat.api.checked.Document;
import io.carechat.api.checked.Exchange;
import io.carechat.api.checked.ExchangeCheck;

/** Holds answers against the contract, as it is published, and problems against their kinds. */
public final class Described {
  private Described() {}

  /** Fails if an answer is not one that the contract describes for what was asked. */
  public static void check(String method, String target, Received answer) {
    ExchangeCheck.check(
        Exchange.answered(method, target, answer.status(), answer.headers(), answer.body()));
    problem(answer);
  }

  /** Fails if a value is not as a schema of the contract has it. */
  public static void checkSchema(String name, JsonNode value) {
    assertThat(Document.served().faults("/components/schemas/" + name, value)).as(name).isEmpty();
  }

  /** Fails if an answer is a problem, and not as its kind has it. */
  public static void problem(Received answer) {
    if (answer.body().length > 0
        && answer.all("content-type").contains("application/problem+json")) {
      JsonNode problem = answer.json();
      ProblemKind kind = ProblemKind.ofCode(problem.path("code").asText()).orElseThrow();
      assertThat(kind.status()).isEqualTo(answer.status());
      assertThat(problem.path("title").asText()).isEqualTo(kind.title());
      assertThat(problem.path("detail").asText()).endsWith(".");
    }
  }
}
