package io.carechat.rest.meta;

import io.carechat.api.Health;
import io.carechat.api.HealthCheck;
import io.carechat.api.HealthStatus;
import io.carechat.api.runtime.ApiRoutes;
import io.carechat.api.runtime.Contract;
import io.carechat.api.runtime.Json;
import io.carechat.rest.http.Metrics;
import io.carechat.rest.http.ProblemKind;
import io.carechat.rest.http.Problems;
import io.carechat.rest.http.Responses;
import io.helidon.http.Header;
import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.Status;
import io.helidon.webserver.http.Handler;
import io.helidon.webserver.http.HttpService;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The contract's operations with the tag {@code meta}: health, metrics, the contract itself, and
 * pages about it.
 */
public final class MetaOperations {
  private static final HeaderName POLICY = HeaderNames.create("Content-Security-Policy");
  private static final String CLOSED =
      "; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
  private static final Header PAGE_POLICY =
      HeaderValues.createCached(POLICY, "default-src 'none'" + CLOSED);

  /** The server that the contract shows, and what it says of it. */
  private static final String EXAMPLE_URL = "http://localhost:8080";

  private static final String EXAMPLE_DESCRIPTION =
      "An installation on your own machine. Use your installation's public address instead.";

  private static final Pattern INLINE =
      Pattern.compile("<(style|script)\\b[^>]*>(.*?)</\\1>", Pattern.DOTALL);

  private final Readiness readiness;
  private final Metrics metrics;
  private final BooleanSupplier closing;
  private final Problems problems;
  private final URI publicUrl;

  /**
   * @param readiness says whether the service is ready
   * @param metrics shows the counters
   * @param closing says whether the service is stopping
   * @param problems writes problems
   * @param publicUrl where callers reach the service, without a slash at the end
   */
  public MetaOperations(
      Readiness readiness,
      Metrics metrics,
      BooleanSupplier closing,
      Problems problems,
      URI publicUrl) {
    this.readiness = readiness;
    this.metrics = metrics;
    this.closing = closing;
    this.problems = problems;
    this.publicUrl = publicUrl;
  }

  /** Returns the routes of health and metrics alone, for an address of their own. */
  public HttpService management() {
    return rules ->
        rules
            .get("/health/live", MetaOperations::live)
            .get("/health/ready", this::ready)
            .get("/metrics", this::metrics);
  }

  /**
   * Adds all of these operations to the routes.
   *
   * @param withMetrics whether to serve metrics; otherwise their path does not exist
   */
  public void addTo(ApiRoutes<?> routes, boolean withMetrics) {
    routes.open(Contract.operation("getIndex"), this::toDocumentation);
    routes.open(Contract.operation("getLiveness"), MetaOperations::live);
    routes.open(Contract.operation("getReadiness"), this::ready);
    routes.open(Contract.operation("getMetrics"), withMetrics ? this::metrics : this::doesNotExist);
    routes.open(Contract.operation("getContractAsYaml"), file("openapi.yaml", Responses.YAML));
    routes.open(Contract.operation("getContractAsJson"), file("openapi.json", Responses.JSON));
    routes.open(
        Contract.operation("getWebhookContractAsYaml"), file("webhooks.yaml", Responses.YAML));
    routes.open(
        Contract.operation("getWebhookContractAsJson"), file("webhooks.json", Responses.JSON));
    routes.open(Contract.operation("getOpenapi31"), file("carechat-3.1.yaml", Responses.YAML));
    routes.open(
        Contract.operation("getWebhookVectors"), file("webhook-vectors.json", Responses.JSON));
    routes.open(
        Contract.operation("getWebhookVerifier"), file("webhook-verifier.py", Responses.TEXT));
    routes.open(Contract.operation("getDocumentation"), documentation());
    routes.open(Contract.operation("listProblemPages"), page(problemList()));
    routes.open(Contract.operation("getProblemPage"), this::problemPage);
  }

  // --- health ---

  private static void live(ServerRequest request, ServerResponse response) {
    Responses.send(
        request, response, 200, Responses.JSON, Json.write(new Health(HealthStatus.UP, List.of())));
  }

  private void ready(ServerRequest request, ServerResponse response) {
    Readiness.State state = readiness.now();
    List<HealthCheck> checks = new ArrayList<>();
    state.checks().forEach(check -> checks.add(check(check.name(), check.up())));
    boolean ready = state.ready();
    if (closing.getAsBoolean()) {
      checks.add(check("not-stopping", false));
      ready = false;
    }
    Responses.send(
        request,
        response,
        ready ? 200 : 503,
        Responses.JSON,
        Json.write(new Health(status(ready), checks)));
  }

  private static HealthCheck check(String name, boolean up) {
    return new HealthCheck(name, status(up));
  }

  private static HealthStatus status(boolean up) {
    return up ? HealthStatus.UP : HealthStatus.DOWN;
  }

  private void metrics(ServerRequest request, ServerResponse response) {
    Responses.send(request, response, 200, Responses.METRICS, metrics.exposition());
  }

  private void doesNotExist(ServerRequest request, ServerResponse response) {
    problems.send(request, response, ProblemKind.NOT_FOUND, Problems.detail(ProblemKind.NOT_FOUND));
  }

  // --- files and pages ---

  private void toDocumentation(ServerRequest request, ServerResponse response) {
    response.headers().set(HeaderNames.LOCATION, publicUrl.getRawPath() + "/docs");
    response.status(Status.FOUND_302).send();
  }

  private Handler file(String name, Header contentType) {
    var content =
        new Responses.Stored(
            contentType, published(name, publicUrl.toString()).getBytes(StandardCharsets.UTF_8));
    return content::send;
  }

  /**
   * Returns a file of the contract with the address of this service in the place of the example.
   */
  private static String published(String name, String url) {
    String text = new String(Contract.file(name), StandardCharsets.UTF_8);
    return url.equals(EXAMPLE_URL)
        ? text
        : text.replace(EXAMPLE_URL, url).replace(EXAMPLE_DESCRIPTION, "This installation.");
  }

  private Handler documentation() {
    String html = published("docs.html", publicUrl.toString().replace("&", "&amp;"));
    Header policy = HeaderValues.createCached(POLICY, policyFor(html));
    var content = new Responses.Stored(Responses.HTML, html.getBytes(StandardCharsets.UTF_8));
    return (request, response) -> {
      response.headers().set(policy);
      content.send(request, response);
    };
  }

  private static Handler page(String html) {
    var content = new Responses.Stored(Responses.HTML, html.getBytes(StandardCharsets.UTF_8));
    return (request, response) -> {
      response.headers().set(PAGE_POLICY);
      content.send(request, response);
    };
  }

  /**
   * Returns a content security policy (Content Security Policy Level 3) for a page. It allows the
   * page's own styles and scripts, by their hashes, and nothing else.
   */
  static String policyFor(String html) {
    StringBuilder styles = new StringBuilder();
    StringBuilder scripts = new StringBuilder();
    Matcher inline = INLINE.matcher(html);
    while (inline.find()) {
      (inline.group(1).equals("style") ? styles : scripts)
          .append(" 'sha256-")
          .append(sha256(inline.group(2)))
          .append('\'');
    }
    return "default-src 'none'; img-src data:; style-src"
        + (styles.isEmpty() ? " 'none'" : styles)
        + "; script-src"
        + (scripts.isEmpty() ? " 'none'" : scripts)
        + CLOSED;
  }

  private static String sha256(String text) {
    try {
      return Base64.getEncoder()
          .encodeToString(
              MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  // --- problems ---

  private void problemPage(ServerRequest request, ServerResponse response) {
    var kind = ProblemKind.ofCode(request.path().pathParameters().get("code"));
    if (kind.isEmpty()) {
      doesNotExist(request, response);
      return;
    }
    response.headers().set(PAGE_POLICY);
    Responses.send(
        request,
        response,
        200,
        Responses.HTML,
        problemHtml(kind.get()).getBytes(StandardCharsets.UTF_8));
  }

  private static String problemHtml(ProblemKind kind) {
    return html(
        kind.title(),
        "<p><code>"
            + kind.code()
            + "</code>, HTTP status "
            + kind.status()
            + "</p>\n<p>"
            + kind.explanation()
            // Relative, because a proxy may serve the page below a path of its own.
            + "</p>\n<p><a href=\"../problems\">All problems</a>, <a href=\"../docs\">the"
            + " contract</a></p>\n");
  }

  private static String problemList() {
    StringBuilder list = new StringBuilder("<ul>\n");
    for (ProblemKind kind : ProblemKind.values()) {
      list.append("<li><a href=\"")
          .append(kind.type().substring(1))
          .append("\"><code>")
          .append(kind.code())
          .append("</code></a> (")
          .append(kind.status())
          .append("): ")
          .append(kind.title())
          .append("</li>\n");
    }
    return html("Problems", list + "</ul>\n<p><a href=\"docs\">The contract</a></p>\n");
  }

  private static String html(String title, String body) {
    return "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
        + "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>"
        + title
        + " – carechat</title>\n</head>\n<body>\n<main>\n<h1>"
        + title
        + "</h1>\n"
        + body
        + "</main>\n</body>\n</html>\n";
  }
}
