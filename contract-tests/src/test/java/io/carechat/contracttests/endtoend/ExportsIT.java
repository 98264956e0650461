package io.carechat.contracttests.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.carechat.client.model.NewMessage;
import io.carechat.contracttests.running.Eventually;
import io.carechat.contracttests.running.RunningService;
import io.carechat.contracttests.running.RunningService.ApiKey;
import io.carechat.contracttests.running.TestIssuer;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Exports of the running service, which writes them in the background. */
@ExtendWith(RunningService.Parameter.class)
final class ExportsIT {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final String EXPORTS = "/api/v1/" + RunningService.INSTANCE + "/exports";
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private final RunningService service;
  private final UUID patient = UUID.randomUUID();

  ExportsIT(RunningService service) {
    this.service = service;
  }

  private static JsonNode json(String text) {
    try {
      return MAPPER.readTree(text);
    } catch (JsonProcessingException e) {
      throw new AssertionError(text, e);
    }
  }

  private String patientsToken(String scopes) {
    return service.issuer().sign(TestIssuer.patient(RunningService.INSTANCE, patient, scopes));
  }

  private HttpResponse<String> asPatient(String token, HttpRequest.Builder request) {
    return service.exchange(request.header("Authorization", "Bearer " + token));
  }

  private HttpRequest.Builder asking(String json) {
    return service
        .request(EXPORTS)
        .header("Content-Type", "application/json")
        .POST(HttpRequest.BodyPublishers.ofString(json));
  }

  private String ofOwnChat(String format) {
    return "{\"format\":\"" + format + "\",\"patientId\":\"" + patient + "\"}";
  }

  /** GDPR, articles 15 and 20: the person gets what is kept of the own chat, and only that. */
  @Test
  void aPatientGetsACopyOfTheOwnChat() throws NoSuchAlgorithmException {
    for (String text : List.of("first", "second \u00e4 \ud83d\ude00")) {
      var _ =
          service
              .client(ApiKey.PARTNER)
              .sendMessage("test-den", "chat2", patient, new NewMessage().message(text), null);
    }
    String token = patientsToken("chats:export");
    HttpResponse<String> asked = asPatient(token, asking(ofOwnChat("NDJSON")));
    assertThat(asked.statusCode()).as(asked.body()).isEqualTo(201);
    String path = asked.headers().firstValue("Location").orElseThrow();
    JsonNode done =
        Eventually.get(
            PATIENCE,
            () -> json(asPatient(token, service.request(path)).body()),
            export -> export.path("state").asText().equals("DONE"));
    HttpResponse<String> file = asPatient(token, service.request(path + "/file"));
    assertThat(file.statusCode()).isEqualTo(200);
    assertThat(file.body().lines().map(line -> json(line).at("/message/message").asText()))
        .containsExactly("first", "second \u00e4 \ud83d\ude00");
    byte[] bytes = file.body().getBytes(StandardCharsets.UTF_8);
    assertThat(done.at("/manifest/bytes").asInt()).isEqualTo(bytes.length);
    assertThat(done.at("/manifest/sha256").asText())
        .isEqualTo(HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes)));
    HttpResponse<String> rest =
        asPatient(
            token,
            service
                .request(path + "/file")
                .header("Range", "bytes=5-")
                .header("If-Range", file.headers().firstValue("ETag").orElseThrow()));
    assertThat(rest.statusCode()).isEqualTo(206);
    assertThat(rest.body()).isEqualTo(file.body().substring(5));

    assertThat(asPatient(patientsToken("messages:read"), service.request(path)).statusCode())
        .isEqualTo(403);
    assertThat(asPatient(token, asking("{\"format\":\"NDJSON\"}")).statusCode()).isEqualTo(403);
    assertThat(asPatient(token, service.request(path).DELETE()).statusCode()).isEqualTo(204);
    assertThat(asPatient(token, service.request(path + "/file")).statusCode()).isEqualTo(404);
  }

  @Test
  void aPartnerExportsAnInstanceForFhir() {
    var sent =
        service
            .client(ApiKey.PARTNER)
            .sendMessage("test-den", "chat2", patient, new NewMessage().message("hello"), null);
    HttpResponse<String> asked =
        service.exchange(
            asking("{\"format\":\"FHIR\"}").header("X-API-KEY", service.apiKey(ApiKey.PARTNER)));
    assertThat(asked.statusCode()).as(asked.body()).isEqualTo(201);
    String path = asked.headers().firstValue("Location").orElseThrow();
    JsonNode done =
        Eventually.get(
            PATIENCE,
            () -> json(service.exchange(service.partnerRequest(path)).body()),
            export -> export.path("state").asText().equals("DONE"));
    HttpResponse<String> file = service.exchange(service.partnerRequest(path + "/file"));
    assertThat(file.headers().firstValue("Content-Type")).contains("application/fhir+ndjson");
    assertThat(file.body().lines().count()).isEqualTo(done.at("/manifest/messages").asLong());
    assertThat(file.body().lines().map(line -> json(line).path("id").asText()))
        .doesNotHaveDuplicates()
        .contains(sent.getExternalId());
    assertThat(service.exchange(service.partnerRequest(path).DELETE()).statusCode()).isEqualTo(204);
  }
}
