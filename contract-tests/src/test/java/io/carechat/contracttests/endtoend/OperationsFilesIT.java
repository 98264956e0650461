package io.carechat.contracttests.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.carechat.contracttests.running.Eventually;
import io.carechat.contracttests.running.RunningService;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.yaml.snakeyaml.Yaml;

/**
 * The alerts, the dashboard and the page of metrics name the metrics that the service has, and no
 * others.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@ExtendWith(RunningService.Parameter.class)
final class OperationsFilesIT {
  private static final Path DOCS =
      Path.of(System.getProperty("carechat.root", "..")).resolve("docs");

  /** Prometheus itself makes it for each target. */
  private static final String UP = "up";

  private static final Pattern METRIC = Pattern.compile("\\b(up|(?:carechat|jvm|process)_\\w+)\\b");
  private static final Pattern SUFFIX = Pattern.compile("_(bucket|count|sum)$");
  private static final Pattern TYPE = Pattern.compile("^# TYPE (\\S+) ", Pattern.MULTILINE);
  private static final Pattern WORD = Pattern.compile("\\b([a-z_]+) ?\\(");

  private static final Set<String> FUNCTIONS =
      Set.of("sum", "rate", "increase", "delta", "histogram_quantile", "by", "on");

  private final RunningService service;
  private Set<String> metrics = Set.of();

  OperationsFilesIT(RunningService service) {
    this.service = service;
  }

  private String scrape() {
    return service.exchange(service.request("/metrics").GET()).body();
  }

  @BeforeAll
  void scrapeAfterOneRequest() {
    assertThat(
            service
                .exchange(
                    service.partnerRequest(RunningService.messagesOf(UUID.randomUUID())).GET())
                .statusCode())
        .isEqualTo(200);
    // The database is read every few seconds.
    String scraped =
        Eventually.get(
            Duration.ofSeconds(60), this::scrape, text -> text.contains("\ncarechat_log_epoch "));
    metrics =
        TYPE.matcher(scraped).results().map(type -> type.group(1)).collect(Collectors.toSet());
    metrics.add(UP);
  }

  private void assertFits(String expression) {
    List<String> named =
        METRIC
            .matcher(expression)
            .results()
            .map(name -> name.group(1))
            .map(name -> metrics.contains(name) ? name : SUFFIX.matcher(name).replaceAll(""))
            .toList();
    assertThat(named).as(expression).isNotEmpty();
    assertThat(metrics).as(expression).containsAll(named);
    assertThat(WORD.matcher(expression).results().map(word -> word.group(1)).toList())
        .as(expression)
        .isSubsetOf(FUNCTIONS);
    var open = new ArrayList<Integer>();
    for (int c : expression.replaceAll("\"[^\"]*\"", "").chars().toArray()) {
      if ("([{".indexOf(c) >= 0) {
        open.add(c);
      } else if (")]}".indexOf(c) >= 0) {
        assertThat(open).as(expression).isNotEmpty();
        assertThat("([{".indexOf(open.removeLast())).as(expression).isEqualTo(")]}".indexOf(c));
      }
    }
    assertThat(open).as(expression).isEmpty();
  }

  @Test
  void everyAlertIsOfMetricsThatThereAre() throws IOException {
    JsonNode alerts =
        new ObjectMapper()
            .valueToTree(new Yaml().load(Files.readString(DOCS.resolve("operations/alerts.yml"))));
    String page = Files.readString(DOCS.resolve("operations/README.md"));
    var rules = new ArrayList<JsonNode>();
    alerts.get("groups").forEach(group -> group.get("rules").forEach(rules::add));
    assertThat(rules).hasSizeGreaterThan(15);
    for (JsonNode rule : rules) {
      assertFits(rule.get("expr").asText());
      assertThat(rule.at("/labels/severity").asText()).isIn("page", "ticket");
      assertThat(rule.at("/annotations/summary").asText()).isNotEmpty();
      assertThat(page).as("what to do").contains("`" + rule.get("alert").asText() + "`");
    }
  }

  @Test
  void everyPanelIsOfMetricsThatThereAre() throws IOException {
    JsonNode dashboard =
        new ObjectMapper().readTree(Files.readString(DOCS.resolve("operations/dashboard.json")));
    var expressions = new ArrayList<String>();
    dashboard
        .get("panels")
        .forEach(panel ->
            panel.get("targets").forEach(target -> expressions.add(target.get("expr").asText())));
    assertThat(expressions).hasSizeGreaterThan(20);
    expressions.forEach(this::assertFits);
  }

  @Test
  void thePageOfMetricsHasAllOfThem() throws IOException {
    String page = Files.readString(DOCS.resolve("configuration.md"));
    var missing = new TreeSet<String>();
    for (String metric : metrics) {
      if (metric.startsWith("carechat_") && !page.contains("`" + metric)) {
        missing.add(metric);
      }
    }
    assertThat(missing).isEmpty();
    assertThat(
            METRIC
                .matcher(page)
                .results()
                .map(name -> name.group(1))
                .filter(name -> name.startsWith("carechat_") && !name.endsWith("_app"))
                .filter(name -> !name.matches("carechat_(owner|worker|admin)"))
                .toList())
        .isSubsetOf(metrics);
  }
}
