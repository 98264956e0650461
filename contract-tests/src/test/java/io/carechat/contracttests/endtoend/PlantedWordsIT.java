package io.carechat.contracttests.endtoend;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.any;
import static com.github.tomakehurst.wiremock.client.WireMock.anyUrl;
import static com.github.tomakehurst.wiremock.client.WireMock.containing;
import static org.assertj.core.api.Assertions.assertThat;

import com.github.tomakehurst.wiremock.stubbing.Scenario;
import io.carechat.contracttests.running.Eventually;
import io.carechat.contracttests.running.RunningService;
import io.carechat.contracttests.running.RunningService.ApiKey;
import io.carechat.contracttests.running.TestIssuer;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URLEncoder;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Whatever happens to a request, no line of the log contains a text, query, token or secret. */
@ExtendWith(RunningService.Parameter.class)
final class PlantedWordsIT {
  private final RunningService service;

  PlantedWordsIT(RunningService service) {
    this.service = service;
  }

  @Test
  void nothingConfidentialIsLogged() {
    String word = "planted" + UUID.randomUUID().toString().replace("-", "");
    UUID patient = UUID.randomUUID();
    String path = RunningService.messagesOf(patient);
    String token =
        service
            .issuer()
            .sign(
                TestIssuer.patient(RunningService.INSTANCE, patient, RunningService.ALL_SCOPES)
                    .claim("note", word));
    String unknownKey = "cck_" + word;
    var log = new Captured();
    Logger root = Logger.getLogger("");
    PrintStream out = System.out;
    PrintStream err = System.err;
    var printed = new ByteArrayOutputStream();
    root.addHandler(log);
    System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
    System.setErr(new PrintStream(printed, true, StandardCharsets.UTF_8));
    List<Integer> statuses = new ArrayList<>();
    // The receiver refuses the first webhook once, with words of its own, because failures are
    // logged.
    service
        .receiver()
        .stubFor(
            any(anyUrl())
                .withRequestBody(containing(word))
                .inScenario(word)
                .whenScenarioStateIs(Scenario.STARTED)
                .willSetStateTo("refused")
                .willReturn(aResponse().withStatus(500).withBody("What is " + word + "?")));
    try {
      List<HttpRequest.Builder> requests =
          List.of(
              post(partner(path), "{\"message\":\"" + word + "\"}"),
              post(partner(path), "{\"message\":\"" + word + "\"} trailing " + word),
              post(partner(path), "{\"message\":[\"" + word + "\"]}"),
              post(partner(path), "{\"" + word + "\":1,\"message\":\"x\"}"),
              post(partner(path), word),
              post(partner(path).header("Idempotency-Key", word), "{\"message\":\"" + word + "\"}"),
              post(partner(path).header("Idempotency-Key", word), "{\"message\":\"other\"}"),
              partner(path + "?pageToken=" + word).GET(),
              partner(path + "?pageSize=" + word).GET(),
              partner(path + "?" + word + "=1").GET(),
              partner(path + "/" + word).GET(),
              partner(path + "/search?query=" + word).GET(),
              partner(path + "/search?query=" + encoded("\"" + word) + "&highlight=true").GET(),
              post(partner(path + "/search"), "{\"query\":\"" + word + "\"}"),
              post(partner(path + "/search"), "{\"query\":\"a\",\"pageToken\":\"" + word + "\"}"),
              service.request(path).header("Authorization", "Bearer " + token).GET(),
              service.request(path).header("Authorization", "Bearer " + word).GET(),
              service.request(path).header("X-API-KEY", unknownKey).GET(),
              partner("/" + word).GET(),
              partner(path)
                  .method(
                      "PUT",
                      HttpRequest.BodyPublishers.ofString("{\"message\":\"" + word + "\"}")));
      requests.forEach(request -> statuses.add(service.exchange(request).statusCode()));
      int _ = callsFor(patient, 3);
    } finally {
      System.setOut(out);
      System.setErr(err);
      root.removeHandler(log);
    }

    // Each request was answered as it should be. So each of them went all the way.
    assertThat(statuses)
        .containsExactly(
            201, 400, 400, 400, 400, 201, 422, 400, 400, 400, 400, 200, 200, 200, 400, 200, 401,
            401, 404, 405);
    String everything = log + printed.toString(StandardCharsets.UTF_8);
    // This is really the service's log: it has a line for each request.
    assertThat(everything.split("/patients/\\{patientId}/messages", -1).length)
        .as("lines that name the messages' route")
        .isGreaterThan(10);
    assertThat(everything)
        .doesNotContainIgnoringCase(word)
        .doesNotContain(token)
        .doesNotContain(service.apiKey(ApiKey.PARTNER))
        .doesNotContain(service.webhookKey())
        .doesNotContain(service.webhookSecret())
        .doesNotContain(service.settings().database().password().value());
  }

  private int callsFor(UUID patient, int atLeast) {
    return Eventually.get(
        Duration.ofSeconds(60),
        () -> Deliveries.to(service, patient).size(),
        count -> count >= atLeast);
  }

  private HttpRequest.Builder partner(String path) {
    return service.partnerRequest(path);
  }

  private static HttpRequest.Builder post(HttpRequest.Builder request, String body) {
    return request
        .header("Content-Type", "application/json")
        .POST(HttpRequest.BodyPublishers.ofString(body));
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  /** Everything that is logged, as it would be printed, including stack traces. */
  private static final class Captured extends Handler {
    private final SimpleFormatter formatter = new SimpleFormatter();
    private final StringBuilder lines = new StringBuilder();

    Captured() {
      setLevel(Level.ALL);
    }

    @Override
    public synchronized void publish(LogRecord line) {
      lines.append(formatter.format(line)).append('\n');
      if (line.getThrown() != null) {
        var trace = new StringWriter();
        line.getThrown().printStackTrace(new PrintWriter(trace, true));
        lines.append(trace);
      }
    }

    @Override
    public void flush() {}

    @Override
    public void close() {}

    @Override
    public synchronized String toString() {
      return lines.toString();
    }
  }
}
