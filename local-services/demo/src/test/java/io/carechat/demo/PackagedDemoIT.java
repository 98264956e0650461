package io.carechat.demo;

import static org.assertj.core.api.Assertions.assertThat;

import io.carechat.local.FreePorts;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What {@code ./carechat run} starts works with what was packaged for it, and nothing else: other
 * tests have the class path of tests.
 */
final class PackagedDemoIT {
  private static final Duration READY_WITHIN = Duration.ofMinutes(3);
  private static final String ENDED = "(its output ended)";
  private static final Pattern VARIABLE = Pattern.compile("export ([A-Z_]+)='?([^']*)'?");

  private final HttpClient http = HttpClient.newHttpClient();
  private final LinkedBlockingQueue<String> lines = new LinkedBlockingQueue<>();

  @Test
  void startsAnswersTellsItsReceiverAndEnds(@TempDir Path folder) throws Exception {
    Process demo = start(folder);
    try {
      awaitLine("carechat is ready after ");
      Map<String, String> variables = variables(folder.resolve("demo.env"));
      assertThat(awaitLine("/test-den/chat2").strip())
          .isEqualTo(variables.get("CARECHAT_INBOX_URL"));
      URI service = URI.create(Objects.requireNonNull(variables.get("CARECHAT_URL")));
      for (String path : List.of("/.well-known/openid-configuration", "/style.css")) {
        URI issuer = URI.create("http://localhost:" + (service.getPort() + 3) + path);
        assertThat(exchange(HttpRequest.newBuilder(issuer)).statusCode()).as(path).isEqualTo(200);
      }
      String base = variables.get("CARECHAT_BASE");
      String messages = base + "/patients/" + variables.get("CARECHAT_PATIENT_ID") + "/messages";
      String key = Objects.requireNonNull(variables.get("CARECHAT_API_KEY"));

      HttpResponse<String> sent =
          exchange(
              HttpRequest.newBuilder(URI.create(messages))
                  .header("X-API-KEY", key)
                  .header("Content-Type", "application/json")
                  .POST(HttpRequest.BodyPublishers.ofString("{\"message\":\"packaged, hello\"}")));
      assertThat(sent.statusCode()).as(sent.body()).isEqualTo(201);
      HttpResponse<String> found =
          exchange(
              HttpRequest.newBuilder(URI.create(messages + "/search?query=packaged"))
                  .header("X-API-KEY", key));
      assertThat(found.body()).contains("packaged, hello");
      assertThat(
              exchange(HttpRequest.newBuilder(URI.create(variables.get("CARECHAT_URL") + "/docs")))
                  .statusCode())
          .isEqualTo(200);
      assertThat(awaitLine("packaged, hello")).contains("signature checked");
      assertThat(
              new ContractExamples(http, Objects.requireNonNull(variables.get("CARECHAT_URL")), key)
                  .send())
          .contains("sendMessage patient", "getMessage", "streamEvents", "deleteWebhook");
    } finally {
      demo.destroy();
      boolean ended = demo.waitFor(60, TimeUnit.SECONDS);
      Process _ = demo.destroyForcibly();
      http.close();
      assertThat(ended).as("ended by itself").isTrue();
    }
  }

  private HttpResponse<String> exchange(HttpRequest.Builder request) throws Exception {
    return http.send(
        request.timeout(Duration.ofSeconds(30)).build(), HttpResponse.BodyHandlers.ofString());
  }

  private Process start(Path folder) throws IOException {
    Process demo =
        new ProcessBuilder(
                List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-Dcarechat.root=" + System.getProperty("carechat.root"),
                    "-cp",
                    Path.of("target", "demo").toAbsolutePath() + "/*",
                    "io.carechat.demo.Demo",
                    "--port",
                    // The demonstration's sandbox and its issuer are on the next ones.
                    Integer.toString(FreePorts.firstOf(4)),
                    "--data",
                    folder.toString()))
            .redirectErrorStream(true)
            .start();
    Thread.ofVirtual()
        .start(() -> {
          try (BufferedReader reader = demo.inputReader()) {
            reader.lines().forEach(lines::add);
          } catch (IOException | java.io.UncheckedIOException ended) {
            // It is the end of the output, too.
          }
          lines.add(ENDED);
        });
    return demo;
  }

  private String awaitLine(String part) throws InterruptedException {
    var seen = new ArrayList<String>();
    long deadline = System.nanoTime() + READY_WITHIN.toNanos();
    while (System.nanoTime() < deadline) {
      String line = lines.poll(1, TimeUnit.SECONDS);
      if (line != null) {
        seen.add(line);
        if (line.contains(part)) {
          return line;
        }
        if (line.equals(ENDED)) {
          break;
        }
      }
    }
    throw new AssertionError("It did not print '" + part + "', but:\n" + String.join("\n", seen));
  }

  private static Map<String, String> variables(Path file) throws IOException {
    Map<String, String> variables = new TreeMap<>();
    for (String line : Files.readAllLines(file)) {
      Matcher variable = VARIABLE.matcher(line);
      if (variable.matches()) {
        variables.put(variable.group(1), variable.group(2));
      }
    }
    return variables;
  }
}
