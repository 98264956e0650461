package io.carechat.api.checked;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The check lets through what is described, and nothing else. */
final class ExchangeCheckTest {
  private static final String PATH =
      "/api/v1/test-den/chat2/patients/5cccfad8-c7b0-4fe8-a01e-eb80c0b234ab/messages";
  private static final String EMPTY =
      "{\"meta\":{\"nextPageToken\":null,\"prevPageToken\":\"x\",\"pageSize\":0,\"found\":false},"
          + "\"content\":[]}";
  private static final String PROBLEM =
      "{\"type\":\"/problems/forbidden\",\"title\":\"Not allowed\",\"status\":403,\"detail\":\"No.\","
          + "\"instance\":\"id\",\"code\":\"forbidden\",\"errors\":[]}";

  private static Map<String, List<String>> headers(String type) {
    Map<String, List<String>> headers = new HashMap<>();
    headers.put("x-request-id", List.of("id"));
    headers.put("x-content-type-options", List.of("nosniff"));
    headers.put("cache-control", List.of("no-store"));
    headers.put("content-type", List.of(type));
    return headers;
  }

  private static Exchange answered(String target, int status, String type, String body) {
    return Exchange.answered(
        "GET", target, status, headers(type), body.getBytes(StandardCharsets.UTF_8));
  }

  private static void fails(Exchange exchange, String why) {
    assertThatThrownBy(() -> ExchangeCheck.check(exchange))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining(why);
  }

  @Test
  void takesWhatIsDescribed() {
    assertThatCode(
            () -> {
              ExchangeCheck.check(
                  answered(PATH + "?pageSize=2", 200, "application/json", EMPTY)
                      .to(Map.of(), new byte[0]));
              ExchangeCheck.check(answered(PATH, 403, "application/problem+json", PROBLEM));
            })
        .doesNotThrowAnyException();
  }

  /** The contract says that these paths are none of its own. */
  @Test
  void takesPagesWhereTheyMayBe() {
    for (String path :
        List.of(
            "/probl/ems",
            "/test-den/chat2",
            "/test-den/chat2/patients/5cccfad8-c7b0-4fe8-a01e-eb80c0b234ab",
            "/sign-in",
            "/session",
            "/session/link",
            "/console/app.js")) {
      assertThatCode(() -> ExchangeCheck.check(answered(path, 200, "text/html", "<html>")))
          .doesNotThrowAnyException();
      fails(answered(path, 403, "text/html", "<html>"), "a refusal must be");
      fails(
          answered(path, 403, "application/problem+json", PROBLEM.replace("forbidden", "other")),
          "the code 'other' is not described");
    }
    for (String path :
        List.of(
            "/api/v1",
            "/health/other",
            "/docs/x",
            "/Test-den/chat2",
            "/test-den/chat2/patients/1",
            "/test-den",
            "/sign-in/x",
            PATH + "/x/y")) {
      fails(answered(path, 200, "text/html", "<html>"), "the status 200 is not described");
    }
  }

  @Test
  void refusesAnAnswerThatIsNotDescribed() {
    fails(answered(PATH, 418, "application/problem+json", PROBLEM), "the status 418");
    fails(answered(PATH, 413, "application/problem+json", PROBLEM), "the status 413");
    fails(answered(PATH, 200, "text/html", EMPTY), "no answer of the type 'text/html'");
    fails(answered(PATH, 200, "application/json", "{}"), "required property 'meta'");
    fails(answered(PATH, 200, "application/json", "{"), "the body is not JSON");
    fails(
        answered(PATH, 200, "application/json", EMPTY.replace("\"found\"", "\"more\":1,\"found\"")),
        "the body's member /meta/more is not described");
    fails(
        answered(PATH, 403, "application/problem+json", PROBLEM.replace("\"id\"", "\"other\"")),
        "the problem's instance");
    fails(answered(PATH, 405, "application/problem+json", PROBLEM), "the header Allow");
    Map<String, List<String>> without = headers("application/json");
    without.remove("x-request-id");
    fails(
        Exchange.answered("GET", PATH, 200, without, EMPTY.getBytes(StandardCharsets.UTF_8)),
        "X-Request-Id");
  }

  @ParameterizedTest
  @CsvSource({
    "?pageSize=0,the parameter pageSize is wrong",
    "?pageSize=x,the parameter pageSize is not a whole number",
    "?pageSize=1&pageSize=1,the parameter pageSize is there twice",
    "?more=1,the parameter more is not described",
    "?pageToken=,the parameter pageToken is wrong",
  })
  void refusesThatARequestWasGrantedWhichIsNotDescribed(String query, String why) {
    fails(
        answered(PATH + query, 200, "application/json", EMPTY).to(Map.of(), new byte[0]),
        "granted, though " + why);
  }

  @ParameterizedTest
  @ValueSource(strings = {"{}", "{\"query\":7}", "{\"query\":\"x\",\"more\":1}", "x", ""})
  void refusesThatABodyWasGrantedWhichIsNotDescribed(String body) {
    Exchange exchange =
        Exchange.answered(
                "POST",
                PATH,
                201,
                headers("application/json"),
                "{}".getBytes(StandardCharsets.UTF_8))
            .to(
                Map.of("Content-Type", List.of("application/json")),
                body.getBytes(StandardCharsets.UTF_8));
    fails(exchange, "granted, though the body is");
  }

  @Test
  void refusesADeliveryThatIsNotDescribed() {
    String body =
        "{\"patientId\":\"cdb303e7-844f-40f8-b634-fe99bfccce28\",\"patientUrl\":\"http://x/y\","
            + "\"tenantName\":\"a\",\"instanceName\":\"b\",\"message\":\"c\"}";
    Map<String, List<String>> headers =
        new HashMap<>(
            Map.of(
                "Content-Type",
                List.of("application/json"),
                "webhook-id",
                List.of("a"),
                "webhook-timestamp",
                List.of("1614960451"),
                "webhook-signature",
                List.of("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="),
                "X-WEBHOOK-API-KEY",
                List.of("k"),
                "X-WEBHOOK-API-SECRET",
                List.of("s")));
    byte[] good = body.getBytes(StandardCharsets.UTF_8);
    assertThatCode(() -> DeliveryCheck.check("POST", headers, good)).doesNotThrowAnyException();

    for (String name : List.copyOf(headers.keySet())) {
      Map<String, List<String>> fewer = new HashMap<>(headers);
      fewer.remove(name);
      assertThatThrownBy(() -> DeliveryCheck.check("POST", fewer, good))
          .isInstanceOf(AssertionError.class);
    }
    for (String bad :
        List.of(
            body.replace("\"c\"", "7"),
            body.replace("\"message\"", "\"text\""),
            body.replace("{", "{\"more\":1,"))) {
      assertThatThrownBy(
              () -> DeliveryCheck.check("POST", headers, bad.getBytes(StandardCharsets.UTF_8)))
          .isInstanceOf(AssertionError.class);
    }
  }
}
