package io.carechat.local.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import co.elastic.clients.elasticsearch.ElasticsearchClient;
import co.elastic.clients.elasticsearch._types.ElasticsearchException;
import co.elastic.clients.elasticsearch._types.Refresh;
import co.elastic.clients.elasticsearch.core.InfoResponse;
import io.carechat.local.LocalElasticsearch;
import io.carechat.local.LocalServiceException;
import io.carechat.local.ProcessLogs;
import io.carechat.local.SharedServices;
import java.io.IOException;
import java.io.StringReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalElasticsearchTest {
  @TempDir private Path temporary;

  @Test
  void answersTheOfficialClient() throws Exception {
    URI url = SharedServices.elasticsearch().url();
    try (ElasticsearchClient client = client(url)) {
      InfoResponse info = client.info();
      assertThat(info.version().number()).isEqualTo("9.5.2");
      assertThat(info.clusterName()).isEqualTo("carechat-local");
      assertThat(info.clusterUuid()).hasSize(22);
      assertThat(client.ping().value()).isTrue();
    }
    try (HttpClient http = HttpClient.newHttpClient()) {
      HttpResponse<String> answer =
          http.send(HttpRequest.newBuilder(url).build(), HttpResponse.BodyHandlers.ofString());
      assertThat(answer.headers().firstValue("X-Elastic-Product")).contains("Elasticsearch");
      assertThat(answer.body()).contains("\"tagline\"");
    }
  }

  @Test
  void analysesByWhitespace() throws Exception {
    try (ElasticsearchClient client = client(SharedServices.elasticsearch().url())) {
      client
          .indices()
          .create(index ->
              index
                  .index("words")
                  .withJson(
                      new StringReader(
                          """
                          {"mappings": {"dynamic": "strict", "properties": {
                            "terms": {"type": "text", "analyzer": "whitespace"},
                            "chat": {"type": "keyword"}}}}
                          """)));
      client.index(index ->
          index
              .index("words")
              .id("1")
              .refresh(Refresh.True)
              .document(Map.of("terms", "Grüße an-alle x", "chat", "a b")));
      assertThat(hits(client, "terms", "an-alle")).isEqualTo(1);
      assertThat(hits(client, "terms", "an")).isZero();
      assertThat(hits(client, "terms", "grüße")).isZero();
      assertThat(hits(client, "chat", "a b")).isEqualTo(1);
      assertThat(hits(client, "chat", "a")).isZero();
    }
  }

  @Test
  void keepsWhatItAcknowledgedWhenItIsKilled() throws Exception {
    Path folder = temporary.resolve("killed");
    LocalElasticsearch killed = LocalElasticsearch.start(folder, line -> {});
    try (ElasticsearchClient client = client(killed.url())) {
      client.index(index -> index.index("kept").id("1").document(Map.of("word", "Grüße")));
    }
    assertThat(ProcessHandle.of(killed.pid()).orElseThrow().destroyForcibly()).isTrue();
    killed.close();
    killed.close();

    try (LocalElasticsearch again = LocalElasticsearch.start(folder, line -> {});
        ElasticsearchClient client = client(again.url())) {
      assertThat(client.get(get -> get.index("kept").id("1"), Object.class).source())
          .hasToString("{word=Grüße}");

      assertThatThrownBy(() -> LocalElasticsearch.start(folder, line -> {}))
          .isInstanceOf(LocalServiceException.class)
          .hasMessageContaining(folder.toString())
          .hasMessageContaining("process " + ProcessHandle.current().pid());

      // Ctrl-C at the terminal reaches the node, too.
      for (String signal : List.of("INT", "HUP")) {
        signal(signal, again.pid());
      }
      assertThat(client.ping().value()).isTrue();
    }
  }

  @Test
  void endsWithTheProcessThatStartedItAndStartsAgain() throws Exception {
    Path folder = temporary.resolve("launched");
    Process launcher =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx64m",
                "-XX:TieredStopAtLevel=1",
                "-Dcarechat.root=" + System.getProperty("carechat.root"),
                "-cp",
                System.getProperty("java.class.path"),
                ElasticsearchLauncher.class.getName(),
                folder.toString())
            .redirectError(ProcessLogs.begin("elasticsearch-launcher").toFile())
            .start();
    String first = launcher.inputReader(StandardCharsets.UTF_8).readLine();
    assertThat(first).matches("[0-9]+");

    assertThatThrownBy(() -> LocalElasticsearch.start(folder, line -> {}))
        .hasMessageContaining("process " + launcher.pid());
    launcher.destroyForcibly().waitFor();

    // At once, while the node may still be closing.
    try (LocalElasticsearch again = LocalElasticsearch.start(folder, line -> {});
        ElasticsearchClient client = client(again.url())) {
      assertThat(client.ping().value()).isTrue();
      assertThat(Long.toString(again.pid())).isNotEqualTo(first);
      assertEnded(Long.parseLong(first));
    }
  }

  @Test
  void saysWhyItDoesNotStart() throws Exception {
    Path folder = temporary.resolve("taken");
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      LocalElasticsearch.Settings settings =
          new LocalElasticsearch.Settings(taken.getLocalPort(), 256);
      assertThatThrownBy(() -> LocalElasticsearch.start(folder, settings, line -> {}))
          .isInstanceOf(LocalServiceException.class)
          .hasMessageContaining("Elasticsearch ended with status 1")
          .hasMessageContaining("The end of " + folder.resolve("elasticsearch.log"))
          .hasMessageContaining("Address already in use");
    }
  }

  @Test
  void saysThatTheProgramIsMissing() {
    System.setProperty("carechat.elasticsearch.node", temporary.toString());
    try {
      assertThatThrownBy(() -> LocalElasticsearch.start(temporary.resolve("never"), line -> {}))
          .isInstanceOf(LocalServiceException.class)
          .hasMessageContaining("no Elasticsearch node in " + temporary)
          .hasMessageContaining("mvn -pl local-services/elasticsearch-node -am package");
      assertThat(temporary.resolve("never")).doesNotExist();
    } finally {
      System.clearProperty("carechat.elasticsearch.node");
    }
  }

  @Test
  void refusesSettingsThatCannotBe() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new LocalElasticsearch.Settings(70_000, 256));
    assertThatIllegalArgumentException().isThrownBy(() -> new LocalElasticsearch.Settings(0, 16));
  }

  private static ElasticsearchClient client(URI url) {
    return ElasticsearchClient.of(client -> client.host(url.toString()));
  }

  private static long hits(ElasticsearchClient client, String field, String words)
      throws IOException, ElasticsearchException {
    return client
        .search(
            search ->
                search.index("words").query(query -> query.match(m -> m.field(field).query(words))),
            Map.class)
        .hits()
        .hits()
        .size();
  }

  private static void signal(String name, long pid) throws IOException, InterruptedException {
    assertThat(new ProcessBuilder("kill", "-" + name, Long.toString(pid)).start().waitFor())
        .isZero();
  }

  private static void assertEnded(long pid) throws Exception {
    ProcessHandle process = ProcessHandle.of(pid).orElse(null);
    if (process != null) {
      process.onExit().get(30, TimeUnit.SECONDS);
    }
  }
}
