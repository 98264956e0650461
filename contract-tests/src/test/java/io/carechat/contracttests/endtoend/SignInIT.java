package io.carechat.contracttests.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.carechat.contracttests.running.RunningService;
import io.carechat.contracttests.running.RunningService.ApiKey;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A partner lets a patient in, who reads and writes with a browser, and signs out. */
@ExtendWith(RunningService.Parameter.class)
final class SignInIT {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private final RunningService service;

  /** What the page calls is not in the contract, so this client does not check it. */
  private final HttpClient browser = HttpClient.newHttpClient();

  SignInIT(RunningService service) {
    this.service = service;
  }

  @AfterEach
  void close() {
    browser.close();
  }

  private HttpResponse<String> send(HttpRequest.Builder request)
      throws IOException, InterruptedException {
    return browser.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  private HttpRequest.Builder own(String path) {
    return service.request(path).header("Sec-Fetch-Site", "same-origin");
  }

  @Test
  void aPatientComesInByALinkAndGoesOut() throws Exception {
    UUID patient = UUID.randomUUID();
    String messages = RunningService.messagesOf(patient);
    HttpResponse<String> link =
        service.exchange(
            service
                .request(RunningService.chats() + "/" + patient + "/sign-in-links")
                .header("X-API-KEY", service.apiKey(ApiKey.PARTNER))
                .POST(BodyPublishers.noBody()));
    assertThat(link.statusCode()).isEqualTo(201);
    String url = MAPPER.readTree(link.body()).path("url").asText();
    assertThat(url).startsWith(RunningService.PUBLIC_URL + "/sign-in#");
    assertThat(send(service.request("/sign-in")).body()).contains("<base href=\"/\"");
    String body = "{\"token\":\"" + url.substring(url.indexOf('#') + 1) + "\"}";

    HttpResponse<String> opened =
        send(
            own("/session/link")
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(body)));
    assertThat(opened.statusCode()).isEqualTo(200);
    JsonNode state = MAPPER.readTree(opened.body());
    assertThat(state.path("id").asText()).isEqualTo(patient.toString());
    assertThat(state.path("idleSeconds").asInt()).isBetween(800, 900);
    String cookie = opened.headers().firstValue("Set-Cookie").orElseThrow().replaceFirst(";.*", "");
    String csrf = state.path("csrfToken").asText();

    HttpResponse<String> sent =
        send(
            own(messages)
                .header("Cookie", cookie)
                .header("X-CSRF-Token", csrf)
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString("{\"message\":\"with a browser\"}")));
    assertThat(sent.statusCode()).isEqualTo(201);
    assertThat(send(own(messages).header("Cookie", cookie)).body()).contains("with a browser");
    assertThat(
            send(own("/session/activity")
                    .header("Cookie", cookie)
                    .header("X-CSRF-Token", csrf)
                    .POST(BodyPublishers.noBody()))
                .statusCode())
        .isEqualTo(200);
    assertThat(
            send(own("/session").header("Cookie", cookie).header("X-CSRF-Token", csrf).DELETE())
                .statusCode())
        .isEqualTo(204);
    assertThat(send(own(messages).header("Cookie", cookie)).statusCode()).isEqualTo(401);
    // Nor does the link work again.
    assertThat(
            send(own("/session/link")
                    .header("Content-Type", "application/json")
                    .POST(BodyPublishers.ofString(body)))
                .statusCode())
        .isEqualTo(401);
  }
}
