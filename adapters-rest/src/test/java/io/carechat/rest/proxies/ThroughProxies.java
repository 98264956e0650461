package io.carechat.rest.proxies;

import static io.carechat.rest.ServedApi.KEY;
import static org.assertj.core.api.Assertions.assertThat;

import io.carechat.rest.ChatApi;
import io.carechat.rest.ServedApi;
import io.carechat.rest.connections.AddressRange;
import io.carechat.rest.connections.ServerLimits;
import io.carechat.rest.events.StreamLimits;
import io.carechat.rest.http.CrossOrigin;
import io.carechat.rest.http.RateLimits;
import io.carechat.rest.http.RawConnection;
import io.carechat.rest.messages.SearchLimits;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The service behind nginx and HAProxy, with the configurations of {@code docs/proxies.md}. It
 * needs both programs, so {@code ./carechat proxies} runs it, and {@code ./carechat test} does not.
 * What these proxies send is tried byte for byte in {@code Http10Test}, which always runs.
 */
final class ThroughProxies {
  /** The proxies, and how they are configured. */
  enum Proxy {
    /** Nothing but what everybody writes first. It speaks HTTP/1.0. */
    PLAIN_NGINX,
    NGINX,
    HAPROXY,
    /** Not recommended, but it works. */
    HAPROXY_WITH_HTTP_2,
    NGINX_BELOW_A_PATH,
    HAPROXY_BELOW_A_PATH;

    boolean isBelowAPath() {
      return this == NGINX_BELOW_A_PATH || this == HAPROXY_BELOW_A_PATH;
    }

    RunningProxy start(Path folder, int service) throws IOException {
      return switch (this) {
        case PLAIN_NGINX ->
            RunningProxy.nginx(
                folder,
                "server { listen 80; location / { proxy_pass http://127.0.0.1:8080; } }\n",
                service);
        case NGINX -> RunningProxy.nginx(folder, RunningProxy.documented("nginx"), service);
        case NGINX_BELOW_A_PATH ->
            RunningProxy.nginx(
                folder,
                "upstream carechat { server 127.0.0.1:8080; keepalive 64; }\nserver { listen 80;\n"
                    + RunningProxy.documented("nginx-path")
                    + "}\n",
                service);
        case HAPROXY -> RunningProxy.haproxy(folder, RunningProxy.documented("haproxy"), service);
        case HAPROXY_WITH_HTTP_2 ->
            RunningProxy.haproxy(
                folder,
                RunningProxy.documented("haproxy")
                    .replaceAll("(?m) check$", " proto h2 check check-proto h1"),
                service);
        case HAPROXY_BELOW_A_PATH ->
            RunningProxy.haproxy(
                folder,
                RunningProxy.documented("haproxy") + RunningProxy.documented("haproxy-path"),
                service);
      };
    }
  }

  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  @TempDir private Path folder;

  private static ServedApi service(Proxy proxy, RateLimits rates) {
    return new ServedApi(
        new ChatApi.Settings(
            "127.0.0.1",
            0,
            rates,
            ServerLimits.DEFAULT,
            StreamLimits.DEFAULT,
            SearchLimits.DEFAULT,
            List.of(AddressRange.parse("127.0.0.1")),
            Optional.empty(),
            URI.create("http://localhost:8080" + (proxy.isBelowAPath() ? "/chat" : "")),
            new CrossOrigin(Set.of())));
  }

  private static HttpRequest.Builder request(RunningProxy proxy, String path) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + proxy.port() + path))
        .header("X-API-KEY", KEY)
        .timeout(Duration.ofSeconds(60));
  }

  private HttpResponse<String> get(RunningProxy proxy, String path)
      throws IOException, InterruptedException {
    return client.send(request(proxy, path).build(), BodyHandlers.ofString());
  }

  private HttpResponse<String> send(RunningProxy proxy, String path, String body)
      throws IOException, InterruptedException {
    return client.send(
        request(proxy, path)
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString(body))
            .build(),
        BodyHandlers.ofString());
  }

  @ParameterizedTest
  @EnumSource
  void passOnRequestsAndStreams(Proxy kind) throws IOException, InterruptedException {
    String base = kind.isBelowAPath() ? "/chat" : "";
    String messages = base + ServedApi.newMessages();
    try (ServedApi service = service(kind, ServedApi.GENEROUS);
        RunningProxy proxy = kind.start(folder, service.port())) {
      assertThat(get(proxy, base + "/health/ready").statusCode()).isEqualTo(200);

      HttpResponse<String> sent = send(proxy, messages, "{\"message\":\"hello\"}");
      assertThat(sent.statusCode()).isEqualTo(201);
      String location = sent.headers().firstValue("Location").orElseThrow();
      assertThat(get(proxy, location).body()).contains("\"hello\"");

      // The longest body, and the longest query.
      String longest = "{\"message\":\"" + "\\ud83d\\ude00".repeat(10_000) + "\"}";
      assertThat(send(proxy, messages, longest).statusCode()).isEqualTo(201);
      // With HTTP/2, HAProxy wants the path kept, and a long one ends its connection.
      String query = "%F0%9F%98%80".repeat(kind == Proxy.HAPROXY_WITH_HTTP_2 ? 250 : 500);
      assertThat(get(proxy, messages + "/search?query=" + query).statusCode()).isEqualTo(200);

      // Paths and queries stay as they are.
      String from = messages + "/search?query=hello&from=2020-01-01T00:00:00+01:00";
      assertThat(get(proxy, from).body()).contains("\"hello\"");
      assertThat(get(proxy, base + "/docs").statusCode()).isEqualTo(200);
      assertThat(get(proxy, base + "/openapi.json").body())
          .contains("\"url\" : \"http://localhost:8080" + base + "\"");

      compresses(kind, proxy, messages);
      streams(proxy, messages);
    }
  }

  private void compresses(Proxy kind, RunningProxy proxy, String messages)
      throws IOException, InterruptedException {
    HttpResponse<byte[]> page =
        client.send(
            request(proxy, messages).header("Accept-Encoding", "gzip").build(),
            BodyHandlers.ofByteArray());
    assertThat(page.headers().firstValue("Content-Encoding")).as(kind.name()).contains("gzip");
    assertThat(page.body().length).isLessThan(10_000);
  }

  /** An event arrives while the stream goes on. */
  private void streams(RunningProxy proxy, String messages)
      throws IOException, InterruptedException {
    HttpResponse<InputStream> stream =
        client.send(
            request(proxy, messages.replace("/messages", "/events/stream")).build(),
            BodyHandlers.ofInputStream());
    assertThat(stream.statusCode()).isEqualTo(200);
    try (var lines =
        new BufferedReader(new InputStreamReader(stream.body(), StandardCharsets.UTF_8))) {
      read(lines, "stream.opened");
      for (int i = 0; i < 3; i++) {
        assertThat(send(proxy, messages, "{\"message\":\"event " + i + "\"}").statusCode())
            .isEqualTo(201);
        read(lines, "event " + i);
      }
    }
  }

  private static void read(BufferedReader lines, String expected) throws IOException {
    String line = lines.readLine();
    while (line != null && !line.contains(expected)) {
      line = lines.readLine();
    }
    assertThat(line).contains(expected);
  }

  /** The service knows its callers apart, although all come from the proxy. */
  @ParameterizedTest
  @EnumSource(names = {"NGINX", "HAPROXY", "HAPROXY_WITH_HTTP_2"})
  void sayWhereRequestsComeFrom(Proxy kind) throws IOException {
    var limit = new RateLimits.Limit(5, Duration.ofMinutes(10));
    try (ServedApi service = service(kind, new RateLimits(limit, limit, limit));
        RunningProxy proxy = kind.start(folder, service.port())) {
      int status = 200;
      for (int i = 0; i < 10 && status == 200; i++) {
        status = live(proxy, "127.0.0.2");
      }
      // With HTTP/2 the service resets the stream, and the proxy says so with a status of its own.
      assertThat(status).isIn(429, 502);
      assertThat(live(proxy, "127.0.0.3")).isEqualTo(200);
    }
  }

  private static int live(RunningProxy proxy, String from) throws IOException {
    try (RawConnection connection = new RawConnection(from, proxy.port(), 0)) {
      return connection
          .send("GET /health/live HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
          .readHead()
          .status();
    }
  }

  @Test
  void aStreamOutlivesSilence() throws IOException, InterruptedException {
    Proxy kind = Proxy.NGINX;
    try (ServedApi service =
            new ServedApi(
                ServedApi.GENEROUS,
                ServerLimits.DEFAULT,
                new StreamLimits(
                    100,
                    100,
                    100,
                    100,
                    Duration.ofSeconds(1),
                    Duration.ofSeconds(30),
                    Duration.ofSeconds(60)));
        RunningProxy proxy = kind.start(folder, service.port())) {
      HttpResponse<InputStream> stream =
          client.send(
              request(proxy, ServedApi.newMessages().replace("/messages", "/events/stream"))
                  .build(),
              BodyHandlers.ofInputStream());
      try (var lines =
          new BufferedReader(new InputStreamReader(stream.body(), StandardCharsets.UTF_8))) {
        read(lines, "stream.opened");
        // Comments are all that comes.
        read(lines, ":");
        read(lines, ":");
      }
    }
  }
}
