package io.carechat.contracttests.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.carechat.bootstrap.Settings;
import io.carechat.client.model.Message;
import io.carechat.client.model.NewMessage;
import io.carechat.contracttests.running.Eventually;
import io.carechat.contracttests.running.RunningService;
import io.carechat.contracttests.running.RunningService.ApiKey;
import io.carechat.contracttests.running.TestIssuer;
import io.carechat.domain.search.query.Words;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The search of all chats of the running service, and what keeps its index right. */
@ExtendWith(RunningService.Parameter.class)
final class InstanceSearchIT {
  /** The alias of the index of this version. */
  private static final String ALIAS = "contract-tests-v3-" + Words.fingerprint().substring(0, 8);

  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final HttpClient HTTP = HttpClient.newHttpClient();

  private final RunningService service;

  /** A word that is in every message of this test, and in no other message. */
  private final String word = "w" + UUID.randomUUID().toString().replace("-", "");

  InstanceSearchIT(RunningService service) {
    this.service = service;
  }

  private Message send(UUID patient, String text) {
    return service
        .client(ApiKey.PARTNER)
        .sendMessage("test-den", "chat2", patient, new NewMessage().message(text), null);
  }

  private HttpResponse<String> search(String header, String credential) {
    return service.exchange(
        service
            .request("/api/v1/" + RunningService.INSTANCE + "/messages/search?query=" + word)
            .header(header, credential));
  }

  /** The ids of the messages that a search for the word finds, newest first. */
  private List<String> found() {
    HttpResponse<String> answer = search("X-API-KEY", service.apiKey(ApiKey.PARTNER));
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    var ids = new ArrayList<String>();
    json(answer.body())
        .path("content")
        .forEach(item -> ids.add(item.at("/message/externalId").asText()));
    return ids;
  }

  private static JsonNode json(String text) {
    try {
      return MAPPER.readTree(text);
    } catch (JsonProcessingException e) {
      throw new AssertionError("not JSON: " + text, e);
    }
  }

  @Test
  void findsAtOnceWhatWasSentToAnyPatient() {
    UUID one = UUID.randomUUID();
    UUID two = UUID.randomUUID();
    Message first = send(one, "a " + word);
    assertThat(found()).containsExactly(first.getExternalId());
    Message second = send(two, "another " + word);

    assertThat(found()).containsExactlyInAnyOrder(first.getExternalId(), second.getExternalId());
  }

  @Test
  void isForWhoHasTheScopeInTheInstance() {
    UUID patient = UUID.randomUUID();
    send(patient, "a " + word);
    String patientsToken =
        service
            .issuer()
            .sign(TestIssuer.patient(RunningService.INSTANCE, patient, RunningService.ALL_SCOPES));
    String nursesToken =
        service
            .issuer()
            .sign(
                TestIssuer.patient(
                        RunningService.INSTANCE, UUID.randomUUID(), "messages:search-instance")
                    .claim("client_type", "CARE_TEAM"));

    assertThat(search("Authorization", "Bearer " + patientsToken).statusCode()).isEqualTo(403);
    for (ApiKey key : List.of(ApiKey.READER, ApiKey.OTHER_INSTANCE, ApiKey.OTHER_TENANT)) {
      assertThat(search("X-API-KEY", service.apiKey(key)).statusCode()).isEqualTo(403);
    }
    assertThat(search("Authorization", "Bearer " + nursesToken).body()).contains(word);
  }

  private String elasticsearch(String method, String path, String json) {
    try {
      return HTTP.send(
              HttpRequest.newBuilder(URI.create(service.settings().search().url() + path))
                  .method(method, HttpRequest.BodyPublishers.ofString(json))
                  .header("Content-Type", "application/json")
                  .build(),
              HttpResponse.BodyHandlers.ofString())
          .body();
    } catch (IOException e) {
      throw new AssertionError(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  private double figure(String name) {
    HttpResponse<String> answer = service.exchange(service.request("/metrics"));
    assertThat(answer.statusCode()).isEqualTo(200);
    Matcher line =
        Pattern.compile("^" + Pattern.quote(name) + " (\\S+)$", Pattern.MULTILINE)
            .matcher(answer.body());
    assertThat(line.find()).as("%s in%n%s", name, answer.body()).isTrue();
    return Double.parseDouble(line.group(1));
  }

  private boolean isIndexed(UUID patient, String id) {
    return elasticsearch("GET", document(patient, id), "").contains("\"found\":true");
  }

  private static String document(UUID patient, String id) {
    return "/" + ALIAS + "/_doc/" + id + "?routing=" + RunningService.INSTANCE + "/" + patient;
  }

  @Test
  void driftOfTheIndexIsSeenCountedAndPutRight() {
    UUID patient = UUID.randomUUID();
    String lost = send(patient, "lost " + word).getExternalId();
    String spoilt = send(patient, "spoilt " + word).getExternalId();
    String invented = "IM" + UUID.randomUUID().toString().replace("-", "");
    Eventually.get(
        PATIENCE, () -> isIndexed(patient, lost) && isIndexed(patient, spoilt), is -> is);
    double missing = figure("carechat_index_drift_found_total{kind=\"missing\"}");
    double different = figure("carechat_index_drift_found_total{kind=\"different\"}");
    double superfluous = figure("carechat_index_drift_found_total{kind=\"superfluous\"}");
    double repaired = figure("carechat_index_drift_repaired_total");

    elasticsearch("DELETE", document(patient, lost) + "&refresh=true", "");
    String nonsense = "{\"chat\":\"x\",\"createdAt\":1,\"words\":\"nonsense\"}";
    elasticsearch("PUT", document(patient, spoilt) + "&refresh=true", nonsense);
    elasticsearch("PUT", document(patient, invented) + "&refresh=true", nonsense);

    Eventually.get(
        PATIENCE, () -> figure("carechat_index_drift_repaired_total"), now -> now >= repaired + 3);
    assertThat(figure("carechat_index_drift_found_total{kind=\"missing\"}")).isGreaterThan(missing);
    assertThat(figure("carechat_index_drift_found_total{kind=\"different\"}"))
        .isGreaterThan(different);
    assertThat(figure("carechat_index_drift_found_total{kind=\"superfluous\"}"))
        .isGreaterThan(superfluous);
    assertThat(isIndexed(patient, lost)).isTrue();
    assertThat(isIndexed(patient, invented)).isFalse();
    assertThat(found()).containsExactly(spoilt, lost);
  }

  @Test
  void figuresSayWhatIsDoneAndNothingOfWhom() {
    UUID patient = UUID.randomUUID();
    double before = figure("carechat_requests_total{operation=\"getMetrics\",status=\"200\"}");
    send(patient, "a " + word);

    assertThat(figure("carechat_requests_total{operation=\"sendMessage\",status=\"201\"}"))
        .isPositive();
    assertThat(figure("carechat_requests_total{operation=\"getMetrics\",status=\"200\"}"))
        .isGreaterThan(before);
    Eventually.get(PATIENCE, () -> figure("carechat_index_lag_seconds"), lag -> lag == 0);
    assertThat(service.exchange(service.request("/metrics")).body())
        .doesNotContain(word, patient.toString(), "test-den", "chat2", "partner");
  }

  private Process reindex() throws IOException {
    Settings settings = service.settings();
    var builder =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-cp",
            Objects.requireNonNull(System.getProperty("java.class.path")),
            "io.carechat.bootstrap.Main",
            "reindex");
    builder
        .environment()
        .putAll(
            Map.of(
                "CARECHAT_PUBLIC_URL", settings.publicUrl().toString(),
                "CARECHAT_DATABASE_URL", settings.database().url(),
                "CARECHAT_DATABASE_USER", settings.database().user(),
                "CARECHAT_DATABASE_PASSWORD", settings.database().password().value(),
                "CARECHAT_SEARCH_URL", settings.search().url().toString(),
                "CARECHAT_SEARCH_INDEX", settings.search().index(),
                "CARECHAT_SEARCH_SHARDS", "3",
                "CARECHAT_SEARCH_REPLICAS", "1"));
    return builder.redirectErrorStream(true).start();
  }

  @Test
  void reindexesWhileMessagesAreSentAndSearchedAndAfterItWasKilled() throws Exception {
    String before = elasticsearch("GET", "/_alias/" + ALIAS, "");
    UUID patient = UUID.randomUUID();
    var sent = new ArrayList<String>();
    sent.add(send(patient, "first " + word).getExternalId());
    var over = new AtomicBoolean();
    try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<?> sending =
          executor.submit(() -> {
            while (!over.get()) {
              // A page has at most fifty messages.
              if (sent.size() < 40) {
                sent.add(0, send(patient, "more " + word).getExternalId());
              }
              assertThat(found()).isEqualTo(sent);
            }
          });
      try {
        Process killed = reindex();
        try (BufferedReader output = killed.inputReader()) {
          // The first lines are those of the log.
          assertThat(output.lines().anyMatch(line -> line.contains("Filling"))).isTrue();
          killed.destroyForcibly().waitFor();
        }
        Process finished = reindex();
        String output;
        try (BufferedReader reader = finished.inputReader()) {
          output = String.join("\n", reader.lines().toList());
        }
        assertThat(finished.waitFor()).as(output).isZero();
        assertThat(output).contains("The new index is in use.");
      } finally {
        over.set(true);
      }
      sending.get();
    }
    String after = elasticsearch("GET", "/_alias/" + ALIAS, "");
    assertThat(after).isNotEqualTo(before);
    assertThat(json(after)).hasSize(1);
    assertThat(elasticsearch("GET", "/_cat/indices/" + ALIAS + "-*?h=index", "").lines())
        .hasSize(1);
    assertThat(found()).isEqualTo(sent);
    // The service uses the new index, with its three shards.
    Message last = send(patient, "last " + word);
    Eventually.get(PATIENCE, () -> isIndexed(patient, last.getExternalId()), is -> is);
  }
}
