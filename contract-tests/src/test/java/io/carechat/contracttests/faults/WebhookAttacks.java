package io.carechat.contracttests.faults;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.carechat.domain.chat.TenantInstance;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;

/**
 * What a tenant does with webhooks to take the service from others, or to make it attack somebody
 * else's server. Each attack runs on the caller's thread until it should stop, and may run on
 * several threads at once.
 */
final class WebhookAttacks {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration TIMEOUT = Duration.ofSeconds(30);

  /** What is counted instead of a status when there was no response. */
  static final int NO_RESPONSE = 0;

  private WebhookAttacks() {}

  /**
   * The tenant that attacks.
   *
   * @param service the base URL of the service, without a slash at its end
   * @param header the name of the credential's header, such as {@code X-API-KEY}
   * @param credential the value of that header
   * @param instance an instance that the credential is for
   */
  record Attacker(URI service, String header, String credential, TenantInstance instance) {
    private HttpRequest.Builder request(String path) {
      return HttpRequest.newBuilder(
              URI.create(service + "/api/v1/" + instance + "/webhooks" + path))
          .header(header, credential)
          .timeout(TIMEOUT);
    }

    private HttpRequest post(String path, String json) {
      return request(path)
          .header("Content-Type", "application/json")
          .POST(HttpRequest.BodyPublishers.ofString(json))
          .build();
    }
  }

  /**
   * Creates endpoints with one URL, written in several ways, again and again. If the service let
   * it, each message would be sent to the receiver a hundred times.
   *
   * @param receiver the URL of the attacked server, without query
   * @param stop asked before each request
   * @return how many responses had each status; {@link #NO_RESPONSE} for those without one
   */
  static Map<Integer, Integer> manyEndpointsWithOneUrl(
      HttpClient client, Attacker attacker, URI receiver, BooleanSupplier stop) {
    var statuses = new TreeMap<Integer, Integer>();
    for (int i = 0; !stop.getAsBoolean(); i++) {
      String path = String.valueOf(receiver.getRawPath());
      String origin = receiver.getScheme() + "://" + receiver.getRawAuthority();
      String written = origin + (i % 2 == 0 ? path : "/x" + i + "/.." + path);
      int status =
          status(
              client, attacker.post("", "{\"url\":\"" + written + "\",\"payload\":\"STANDARD\"}"));
      statuses.merge(status, 1, Integer::sum);
    }
    return statuses;
  }

  /**
   * Creates an endpoint with the receiver's URL, or takes the one that has it, and asks for
   * everything to be delivered to it again, in a loop.
   *
   * @param receiver the URL of the attacked server
   * @param stop asked before each request
   * @return how many responses of the loop had each status; {@link #NO_RESPONSE} for those without
   *     one
   * @throws IOException if the endpoint can be neither made nor found
   */
  static Map<Integer, Integer> redeliverEverything(
      HttpClient client, Attacker attacker, URI receiver, BooleanSupplier stop)
      throws IOException, InterruptedException {
    int _ =
        status(
            client, attacker.post("", "{\"url\":\"" + receiver + "\",\"payload\":\"STANDARD\"}"));
    String endpoint =
        endpoint(client, attacker, receiver)
            .orElseThrow(() -> new IOException("There is no endpoint with the URL " + receiver));
    var statuses = new TreeMap<Integer, Integer>();
    while (!stop.getAsBoolean()) {
      int status =
          status(
              client,
              attacker.post("/" + endpoint + "/deliveries/redeliver", "{\"state\":\"ALL\"}"));
      statuses.merge(status, 1, Integer::sum);
    }
    return statuses;
  }

  private static Optional<String> endpoint(HttpClient client, Attacker attacker, URI receiver)
      throws IOException, InterruptedException {
    HttpResponse<String> listed =
        client.send(attacker.request("").GET().build(), HttpResponse.BodyHandlers.ofString());
    for (JsonNode webhook : JSON.readTree(listed.body()).path("webhooks")) {
      if (webhook.path("url").asText().equals(receiver.toString())) {
        return Optional.of(webhook.path("webhookId").asText());
      }
    }
    return Optional.empty();
  }

  private static int status(HttpClient client, HttpRequest request) {
    try {
      return client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
    } catch (IOException e) {
      return NO_RESPONSE;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return NO_RESPONSE;
    }
  }
}
