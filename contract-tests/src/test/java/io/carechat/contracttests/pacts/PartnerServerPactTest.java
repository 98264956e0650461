package io.carechat.contracttests.pacts;

import static au.com.dius.pact.consumer.dsl.Matchers.fromProviderState;
import static au.com.dius.pact.consumer.dsl.Matchers.regexp;
import static org.assertj.core.api.Assertions.assertThat;

import au.com.dius.pact.consumer.MockServer;
import au.com.dius.pact.consumer.dsl.HttpRequestBuilder;
import au.com.dius.pact.consumer.dsl.PactBuilder;
import au.com.dius.pact.consumer.junit5.PactConsumerTestExt;
import au.com.dius.pact.consumer.junit5.PactTestFor;
import au.com.dius.pact.core.model.PactSpecVersion;
import au.com.dius.pact.core.model.V4Pact;
import au.com.dius.pact.core.model.annotations.Pact;
import com.fasterxml.jackson.databind.JsonNode;
import io.carechat.client.ApiResponse;
import io.carechat.client.MessagesApi;
import io.carechat.client.model.CareTeamSender;
import io.carechat.client.model.ClientType;
import io.carechat.client.model.Message;
import io.carechat.client.model.MessagePage;
import io.carechat.client.model.MessageSearch;
import io.carechat.client.model.NewMessage;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A partner's server. It sends for patients and for the care team, with an API key, and repeats
 * safely.
 */
@ExtendWith(PactConsumerTestExt.class)
@PactTestFor(providerName = "carechat", pactVersion = PactSpecVersion.V4)
final class PartnerServerPactTest {
  private static final String CONSUMER = "partner-server";
  private static final String API_KEY = "cck_0123456789abcdefghijklmnopqrstuvwxyzABCDEFG";
  private static final String KEY = "8e03978e-40d5-43e8-bc93-6894a57f9324";
  private static final String NURSE = "0b9c2f64-7d0e-4f0c-9d3a-5a1c8f1f2b10";
  private static final String BODY = "{\"message\":\"hello, world!\"}";
  private static final UUID PATIENT = UUID.fromString(Shapes.PATIENT);
  private static final Map<String, Object> NO_PARAMETERS = Map.of();

  @Pact(consumer = CONSUMER)
  V4Pact sends(PactBuilder builder) {
    return builder
        .given(ProviderStates.NO_CHAT, NO_PARAMETERS)
        .expectsToReceiveHttpInteraction(
            "a message with a new idempotency key",
            http ->
                http.withRequest(request ->
                        send(request, BODY).header("Idempotency-Key", regexp("^\\S+$", KEY)))
                    .willRespondWith(response ->
                        response
                            .status(201)
                            .header(
                                "Location",
                                regexp(
                                    "^/api/v1/[^/]+/[^/]+/patients/[^/]+/messages/IM[0-9a-f]{32}$",
                                    "/api/v1/test-den/chat2/patients/"
                                        + Shapes.PATIENT
                                        + "/messages/"
                                        + Shapes.EXTERNAL_ID))
                            .body(Shapes.message("hello, world!"))))
        .toPact();
  }

  @Test
  @PactTestFor(pactMethod = "sends")
  void sendsForAPatient(MockServer server) {
    ApiResponse<Message> sent = sendWithKey(server, "hello, world!");

    assertThat(sent.getStatusCode()).isEqualTo(201);
    assertThat(sent.getHeaders().get("location"))
        .singleElement()
        .asString()
        .endsWith("/messages/" + sent.getData().getExternalId());
  }

  @Pact(consumer = CONSUMER)
  V4Pact repeats(PactBuilder builder) {
    return builder
        .given(ProviderStates.KEY_USED, Map.of("message", "hello, world!"))
        .expectsToReceiveHttpInteraction(
            "the same message with the same idempotency key",
            http ->
                http.withRequest(request ->
                        send(request, BODY)
                            .header("Idempotency-Key", fromProviderState("${key}", KEY)))
                    .willRespondWith(response ->
                        response
                            .status(201)
                            .header("Idempotent-Replayed", "true")
                            .body(Shapes.message("hello, world!"))))
        .toPact();
  }

  @Test
  @PactTestFor(pactMethod = "repeats")
  void repeatsSafely(MockServer server) {
    ApiResponse<Message> sent = sendWithKey(server, "hello, world!");

    assertThat(sent.getStatusCode()).isEqualTo(201);
    assertThat(sent.getHeaders()).containsEntry("idempotent-replayed", List.of("true"));
  }

  @Pact(consumer = CONSUMER)
  V4Pact reusesAKey(PactBuilder builder) {
    return builder
        .given(ProviderStates.KEY_USED, Map.of("message", "hello, world!"))
        .expectsToReceiveHttpInteraction(
            "another message with the same idempotency key",
            http ->
                http.withRequest(request ->
                        send(request, "{\"message\":\"good night\"}")
                            .header("Idempotency-Key", fromProviderState("${key}", KEY)))
                    .willRespondWith(response ->
                        Shapes.refuse(
                            response, 422, Shapes.problem(422, "idempotency-key-reused"))))
        .toPact();
  }

  @Test
  @PactTestFor(pactMethod = "reusesAKey")
  void learnsThatItReusedAKey(MockServer server) throws IOException {
    JsonNode problem = Shapes.refused(422, () -> sendWithKey(server, "good night"));

    assertThat(problem.path("code").asText()).isEqualTo("idempotency-key-reused");
  }

  @Pact(consumer = CONSUMER)
  V4Pact sendsForANurse(PactBuilder builder) {
    return builder
        .given(ProviderStates.NO_CHAT, NO_PARAMETERS)
        .expectsToReceiveHttpInteraction(
            "a message from a member of the care team",
            http ->
                http.withRequest(request -> send(request, bodyOfNurse()))
                    .willRespondWith(response ->
                        response
                            .status(201)
                            .body(Shapes.messageOfNurse(NURSE, "How did you sleep?"))))
        .toPact();
  }

  @Test
  @PactTestFor(pactMethod = "sendsForANurse")
  void sendsForTheCareTeam(MockServer server) {
    Message sent = messages(server).sendMessage("test-den", "chat2", PATIENT, ofNurse(), null);

    assertThat(sent.getSender().getClientType()).isEqualTo(ClientType.CARE_TEAM);
    assertThat(sent.getSender().getTitleName()).isEqualTo("Nurse");
  }

  @Pact(consumer = CONSUMER)
  V4Pact lacksAScope(PactBuilder builder) {
    return builder
        .given(
            ProviderStates.CREDENTIAL_WITHOUT_SCOPE, Map.of("scope", "messages:send-as-care-team"))
        .expectsToReceiveHttpInteraction(
            "a message from a member of the care team, without the scope for it",
            http ->
                http.withRequest(request -> send(request, bodyOfNurse()))
                    .willRespondWith(
                        response -> Shapes.refuse(response, 403, Shapes.problem(403, "forbidden"))))
        .toPact();
  }

  @Test
  @PactTestFor(pactMethod = "lacksAScope")
  void learnsThatItLacksAScope(MockServer server) throws IOException {
    JsonNode problem =
        Shapes.refused(
            403, () -> messages(server).sendMessage("test-den", "chat2", PATIENT, ofNurse(), null));

    assertThat(problem.path("code").asText()).isEqualTo("forbidden");
  }

  @Pact(consumer = CONSUMER)
  V4Pact searches(PactBuilder builder) {
    return builder
        .given(ProviderStates.CHAT, Map.of("count", 3, "text", "Hello, world! "))
        .expectsToReceiveHttpInteraction(
            "a search by body with more hits than one page has",
            http ->
                http.withRequest(request ->
                        keyed(request, "POST", "/search")
                            .body("{\"query\":\"hello\",\"pageSize\":2}", "application/json"))
                    .willRespondWith(response -> response.status(200).body(Shapes.page(2, false))))
        .toPact();
  }

  @Test
  @PactTestFor(pactMethod = "searches")
  void searchesWithoutTextInAddresses(MockServer server) {
    MessagePage page =
        messages(server)
            .searchMessagesByBody(
                "test-den", "chat2", PATIENT, new MessageSearch().query("hello").pageSize(2));

    assertThat(page.getContent()).hasSize(2);
  }

  @Pact(consumer = CONSUMER)
  V4Pact givesABadToken(PactBuilder builder) {
    return builder
        .given(ProviderStates.CHAT, NO_PARAMETERS)
        .expectsToReceiveHttpInteraction(
            "a page token that is not one",
            http ->
                http.withRequest(request ->
                        keyed(request, "GET", "").queryParameter("pageToken", "bm8gSlNPTg=="))
                    .willRespondWith(response ->
                        Shapes.refuse(
                            response,
                            400,
                            Shapes.problemOfParameter("invalid-page-token", "pageToken"))))
        .toPact();
  }

  @Test
  @PactTestFor(pactMethod = "givesABadToken")
  void learnsThatATokenIsNone(MockServer server) throws IOException {
    JsonNode problem =
        Shapes.refused(
            400,
            () ->
                messages(server).findMessages("test-den", "chat2", PATIENT, null, "bm8gSlNPTg=="));

    assertThat(problem.path("code").asText()).isEqualTo("invalid-page-token");
  }

  @Pact(consumer = CONSUMER)
  V4Pact sendsText(PactBuilder builder) {
    return builder
        .given(ProviderStates.NO_CHAT, NO_PARAMETERS)
        .expectsToReceiveHttpInteraction(
            "a message that is not declared as JSON",
            http ->
                http.withRequest(
                        request -> keyed(request, "POST", "").body("hello, world!", "text/plain"))
                    .willRespondWith(response ->
                        Shapes.refuse(
                            response, 415, Shapes.problem(415, "unsupported-media-type"))))
        .toPact();
  }

  @Test
  @PactTestFor(pactMethod = "sendsText")
  void learnsThatOnlyJsonIsTaken(MockServer server) throws Exception {
    HttpResponse<String> refused = post(server, "text/plain", "hello, world!");

    assertThat(refused.statusCode()).isEqualTo(415);
    assertThat(refused.body()).contains("unsupported-media-type");
  }

  @Pact(consumer = CONSUMER)
  V4Pact sendsTooMuch(PactBuilder builder) {
    return builder
        .given(ProviderStates.NO_CHAT, NO_PARAMETERS)
        .expectsToReceiveHttpInteraction(
            "a message with a member that there is not",
            http ->
                http.withRequest(
                        request -> send(request, "{\"message\":\"hello\",\"urgent\":true}"))
                    .willRespondWith(
                        response -> Shapes.refuse(response, 400, Shapes.problemOfBody("/urgent"))))
        .toPact();
  }

  @Test
  @PactTestFor(pactMethod = "sendsTooMuch")
  void learnsWhichMemberThereIsNot(MockServer server) throws Exception {
    HttpResponse<String> refused =
        post(server, "application/json", "{\"message\":\"hello\",\"urgent\":true}");

    assertThat(refused.statusCode()).isEqualTo(400);
    assertThat(refused.body()).contains("/urgent");
  }

  private static HttpRequestBuilder keyed(HttpRequestBuilder request, String method, String rest) {
    return request
        .method(method)
        .path(Shapes.messagesOf(rest))
        .header("X-API-KEY", regexp("^\\S+$", API_KEY));
  }

  private static HttpRequestBuilder send(HttpRequestBuilder request, String body) {
    return keyed(request, "POST", "").body(body, "application/json");
  }

  private static String bodyOfNurse() {
    return """
    {"message":"How did you sleep?","sender":{"id":"%s","titleName":"Nurse"}}\
    """
        .formatted(NURSE);
  }

  private static NewMessage ofNurse() {
    return new NewMessage()
        .message("How did you sleep?")
        .sender(new CareTeamSender().id(UUID.fromString(NURSE)).titleName("Nurse"));
  }

  private static ApiResponse<Message> sendWithKey(MockServer server, String text) {
    return messages(server)
        .sendMessageWithHttpInfo(
            Shapes.TENANT, Shapes.INSTANCE, PATIENT, new NewMessage().message(text), KEY);
  }

  private static MessagesApi messages(MockServer server) {
    return Shapes.client(server, "X-API-KEY", API_KEY);
  }

  private static HttpResponse<String> post(MockServer server, String mediaType, String body)
      throws IOException, InterruptedException {
    try (HttpClient client = HttpClient.newHttpClient()) {
      return client.send(
          HttpRequest.newBuilder(
                  URI.create(
                      server.getUrl()
                          + "/api/v1/test-den/chat2/patients/"
                          + Shapes.PATIENT
                          + "/messages"))
              .header("X-API-KEY", API_KEY)
              .header("Content-Type", mediaType)
              .POST(HttpRequest.BodyPublishers.ofString(body))
              .build(),
          HttpResponse.BodyHandlers.ofString());
    }
  }
}
