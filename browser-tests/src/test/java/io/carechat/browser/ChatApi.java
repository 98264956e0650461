package io.carechat.browser;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/** The API, as the server of a partner uses it. */
final class ChatApi {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final HttpClient HTTP = HttpClient.newHttpClient();

  private final RunningDemo demo = RunningDemo.get();

  /** Returns a patient without a chat. */
  static String newPatient() {
    return UUID.randomUUID().toString();
  }

  /** Sends a message as the patient. Returns its id. */
  String sendAsPatient(String patient, String text) {
    return send(patient, JSON.createObjectNode().put("message", text));
  }

  /** Sends a message as a member of the care team. Returns its id. */
  String sendAsCareTeam(String patient, String text) {
    ObjectNode body = JSON.createObjectNode().put("message", text);
    body.putObject("sender")
        .put("id", "0b9c2f64-7d0e-4f0c-9d3a-5a1c8f1f2b10")
        .put("titleName", "Night nurse");
    return send(patient, body);
  }

  private String send(String patient, ObjectNode body) {
    return call("POST", "/patients/" + patient + "/messages", body).get("externalId").asText();
  }

  /** Returns the texts of all messages of a chat, the oldest first. */
  List<String> texts(String patient) {
    var texts = new ArrayList<String>();
    String path = "/patients/" + patient + "/messages?pageSize=50";
    while (true) {
      JsonNode page = call("GET", path, null);
      for (JsonNode each : page.get("content")) {
        texts.addFirst(each.at("/message/message").asText(each.path("message").asText()));
      }
      JsonNode older = page.at("/meta/nextPageToken");
      if (older.isNull() || page.get("content").isEmpty()) {
        return texts;
      }
      path =
          "/patients/"
              + patient
              + "/messages?pageToken="
              + java.net.URLEncoder.encode(older.asText(), java.nio.charset.StandardCharsets.UTF_8);
    }
  }

  /** Returns how many messages the care team has not read. */
  int unreadByCareTeam(String patient) {
    return call("GET", "/patients/" + patient, null).at("/unread/careTeam").asInt(-1);
  }

  /** Makes a link that signs a patient in. */
  String signInLink(String patient) {
    return call("POST", "/patients/" + patient + "/sign-in-links", null).get("url").asText();
  }

  JsonNode call(String method, String path, @org.jspecify.annotations.Nullable JsonNode body) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(demo.variable("CARECHAT_BASE") + path))
            .timeout(Duration.ofSeconds(60))
            .header("X-API-KEY", demo.variable("CARECHAT_API_KEY"))
            .method(
                method,
                body == null
                    ? HttpRequest.BodyPublishers.noBody()
                    : HttpRequest.BodyPublishers.ofString(body.toString()));
    if (body != null) {
      request.header("Content-Type", "application/json");
    }
    try {
      HttpResponse<String> response =
          HTTP.send(request.build(), HttpResponse.BodyHandlers.ofString());
      if (response.statusCode() >= 300) {
        throw new IllegalStateException(method + " " + path + ": " + response.body());
      }
      return JSON.readTree(response.body());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
