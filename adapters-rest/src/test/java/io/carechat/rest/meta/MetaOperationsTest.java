package io.carechat.rest.meta;

import static org.assertj.core.api.Assertions.assertThat;

import io.carechat.api.runtime.Contract;
import io.carechat.rest.ServedApi;
import io.carechat.rest.http.ProblemKind;
import io.carechat.rest.http.Received;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Health, the contract and its pages. */
final class MetaOperationsTest {
  private static ServedApi served;

  @BeforeAll
  static void serve() {
    served = new ServedApi();
  }

  @AfterAll
  static void stop() {
    served.close();
  }

  @Test
  void isAliveAndReady() {
    assertThat(served.get("/health/live", null).text())
        .isEqualTo("{\"status\":\"UP\",\"checks\":[]}");
    assertThat(served.get("/health/ready", null).text())
        .isEqualTo("{\"status\":\"UP\",\"checks\":[{\"name\":\"database\",\"status\":\"UP\"}]}");
  }

  @Test
  void tellsWhichPartIsNotReady() {
    try (ServedApi other = new ServedApi()) {
      other.readiness =
          new Readiness.State(
              false,
              List.of(new Readiness.Check("database", false), new Readiness.Check("search", true)));
      Received answer = other.get("/health/ready", null);
      assertThat(answer.status()).isEqualTo(503);
      assertThat(answer.text())
          .isEqualTo(
              "{\"status\":\"DOWN\",\"checks\":[{\"name\":\"database\",\"status\":\"DOWN\"},"
                  + "{\"name\":\"search\",\"status\":\"UP\"}]}");
      assertThat(other.get("/health/live", null).status()).isEqualTo(200);

      other.readiness = new Readiness.State(true, List.of(new Readiness.Check("search", false)));
      assertThat(other.get("/health/ready", null).status()).isEqualTo(200);
    }
  }

  @Test
  void showsFiguresAndCountsAnswersByOperation() {
    try (ServedApi other = new ServedApi()) {
      Received answer = other.get("/metrics", null);
      assertThat(answer.text()).isEqualTo("a_figure 1.0\n");
      assertThat(answer.header("Content-Type"))
          .isEqualTo("text/plain; version=0.0.4; charset=utf-8");
      other.get("/nowhere", null);
      other.get(ServedApi.messages(), null);

      // An answer is counted when it has been sent.
      long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
      while (other.metrics.answers.size() < 3) {
        assertThat(System.nanoTime()).isLessThan(deadline);
        Thread.onSpinWait();
      }
      assertThat(other.metrics.answers)
          .containsExactlyInAnyOrder("getMetrics 200", "none 404", "findMessages 401");
    }
  }

  @Test
  void servesTheContractAsItIs() {
    for (String file : List.of("openapi.yaml", "openapi.json", "webhooks.yaml", "webhooks.json")) {
      Received answer = served.get("/" + file, null);
      assertThat(answer.body()).isEqualTo(Contract.file(file));
      assertThat(answer.header("content-type"))
          .isEqualTo(file.endsWith("json") ? "application/json" : "application/yaml");
    }
    assertThat(served.get("/openapi-3.1.yaml", null).body())
        .isEqualTo(Contract.file("carechat-3.1.yaml"));
  }

  /** A partner has the service, and not our repository. */
  @Test
  void servesWhatVerifiersAreMadeAndTriedWith() throws IOException {
    Received vectors = served.get("/webhook-vectors.json", null);
    assertThat(vectors.body())
        .isEqualTo(Files.readAllBytes(Path.of("../api-spec/webhook-vectors/vectors.json")));
    assertThat(vectors.header("content-type")).isEqualTo("application/json");
    Received verifier = served.get("/webhook-verifier.py", null);
    assertThat(verifier.body())
        .isEqualTo(Files.readAllBytes(Path.of("../clients/python/webhook.py")));
    assertThat(verifier.header("content-type")).isEqualTo("text/plain; charset=utf-8");
  }

  /** The page is read at the service. */
  @Test
  void everyFileThatTheDocumentationLinksToIsServed() {
    List<String> files =
        Pattern.compile("<a href=\"([^\"#:]+)\"")
            .matcher(served.get("/docs", null).text())
            .results()
            .map(link -> link.group(1))
            .distinct()
            .toList();
    assertThat(files)
        .contains(
            "openapi.yaml",
            "openapi.json",
            "webhooks.yaml",
            "webhooks.json",
            "openapi-3.1.yaml",
            "webhook-vectors.json",
            "webhook-verifier.py")
        .allSatisfy(file -> assertThat(served.get("/" + file, null).status()).isEqualTo(200));
  }

  @Test
  void theDocumentationMayUseItsOwnStylesAndScriptsOnly() {
    Received answer = served.get("/docs", null);
    assertThat(answer.body()).isEqualTo(Contract.file("docs.html"));
    assertThat(answer.header("content-type")).isEqualTo("text/html; charset=utf-8");
    assertThat(answer.header("content-security-policy"))
        .startsWith("default-src 'none'; ")
        .contains("style-src 'sha256-")
        .contains("script-src 'sha256-")
        .contains("frame-ancestors 'none'")
        .doesNotContain("unsafe");
    // The page has a policy of its own: browsers keep to both, so they must agree.
    var own = Pattern.compile("'sha256-[^']*'").matcher(answer.text());
    while (own.find()) {
      assertThat(answer.header("content-security-policy")).contains(own.group());
    }
  }

  @Test
  void aPolicyNamesWhatIsInThePage() {
    assertThat(MetaOperations.policyFor("<style>a</style><script type=\"x\">b</script>"))
        .contains("style-src 'sha256-ypeBEsobvcr6wjGzmiPcTaeG7/gUfE5yuYB3ha/uSLs='")
        .contains("script-src 'sha256-PiPoFgA5WUoziU9lZOGxNIu9egCI1CxKy3PurtWcAJ0='");
    assertThat(MetaOperations.policyFor("<p>plain</p>"))
        .contains("style-src 'none'; script-src 'none'");
  }

  @Test
  void theRootLeadsToTheDocumentation() {
    Received answer = served.get("/", null);
    assertThat(answer.status()).isEqualTo(302);
    assertThat(answer.header("location")).isEqualTo("/docs");
  }

  @Test
  void everyCodeOfTheContractHasAPage() {
    String list = served.get("/problems", null).text();
    assertThat(Arrays.stream(ProblemKind.values()).map(ProblemKind::code))
        .containsExactlyElementsOf(Contract.problemCodes());
    for (String code : Contract.problemCodes()) {
      Received page = served.get("/problems/" + code, null);
      assertThat(page.status()).isEqualTo(200);
      assertThat(page.text()).contains("<code>" + code + "</code>");
      assertThat(page.header("content-security-policy")).startsWith("default-src 'none'; ");
      assertThat(list).contains("href=\"problems/" + code + "\"");
      assertThat(new String(Contract.file("openapi.yaml"), StandardCharsets.UTF_8))
          .contains("| `" + code + "` | " + ProblemKind.ofCode(code).orElseThrow().status() + " |");
    }
    assertThat(served.get("/problems/no-such-code", null).status()).isEqualTo(404);
    assertThat(served.get("/problems/%3Cscript%3E", null).text()).doesNotContain("script");
  }

  @Test
  void pagesLoadNothing() {
    for (String path : List.of("/problems", "/problems/forbidden", "/docs")) {
      assertThat(served.get(path, null).text())
          .doesNotContainPattern("(?i)<(link|img|iframe|object|embed)\\b")
          .doesNotContainPattern("(?i)\\bsrc\\s*=");
    }
  }
}
