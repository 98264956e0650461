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
import io.carechat.client.MessagesApi;
import io.carechat.client.model.ClientType;
import io.carechat.client.model.Message;
import io.carechat.client.model.MessageItem;
import io.carechat.client.model.MessagePage;
import io.carechat.client.model.NewMessage;
import java.io.IOException;
import java.time.OffsetDateTime;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A patient's application. It writes, reads and searches, with a token that covers one chat. */
@ExtendWith(PactConsumerTestExt.class)
@PactTestFor(providerName = "carechat", pactVersion = PactSpecVersion.V4)
final class PatientAppPactTest {
  private static final String CONSUMER = "patient-app";
  private static final String TOKEN = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJwYXRpZW50In0.c2lnbmF0dXJl";
  private static final UUID PATIENT = UUID.fromString(Shapes.PATIENT);
  private static final Map<String, Object> NO_PARAMETERS = Map.of();

  @Pact(consumer = CONSUMER)
  V4Pact sends(PactBuilder builder) {
    return builder
        .given(ProviderStates.NO_CHAT, NO_PARAMETERS)
        .expectsToReceiveHttpInteraction(
            "the first message of a patient",
            http ->
                http.withRequest(request ->
                        asPatient(request, "POST", "")
                            .body("{\"message\":\"hello, world!\"}", "application/json"))
                    .willRespondWith(
                        response -> response.status(201).body(Shapes.message("hello, world!"))))
        .toPact();
  }

  @Test
  @PactTestFor(pactMethod = "sends")
  void sendsAMessage(MockServer server) {
    Message sent =
        messages(server)
            .sendMessage(
                Shapes.TENANT,
                Shapes.INSTANCE,
                PATIENT,
                new NewMessage().message("hello, world!"),
                null);

    assertThat(sent.getSender().getClientType()).isEqualTo(ClientType.PATIENT);
    assertThat(sent.getSender().getId()).isEqualTo(PATIENT);
    assertThat(sent.getMessage()).isEqualTo("hello, world!");
    assertThat(sent.getExternalId()).isEqualTo(Shapes.EXTERNAL_ID);
    assertThat(sent.getCreatedAt()).isEqualTo(OffsetDateTime.parse(Shapes.CREATED_AT));
  }

  @Pact(consumer = CONSUMER)
  V4Pact findsTheNewest(PactBuilder builder) {
    return builder
        .given(ProviderStates.CHAT, Map.of("count", 3))
        .expectsToReceiveHttpInteraction(
            "a request for the newest page of a chat that has more",
            http ->
                http.withRequest(
                        request -> asPatient(request, "GET", "").queryParameter("pageSize", "2"))
                    .willRespondWith(response -> response.status(200).body(Shapes.page(2, false))))
        .toPact();
  }

  @Test
  @PactTestFor(pactMethod = "findsTheNewest")
  void pagesThroughItsChat(MockServer server) {
    MessagePage page =
        messages(server).findMessages(Shapes.TENANT, Shapes.INSTANCE, PATIENT, 2, null);

    assertThat(page.getMeta().getFound()).isTrue();
    assertThat(page.getMeta().getNextPageToken()).isNotEmpty();
    assertThat(page.getContent()).hasSize(2);
  }

  @Pact(consumer = CONSUMER)
  V4Pact findsTheOldest(PactBuilder builder) {
    return builder
        .given(ProviderStates.CHAT, Map.of("count", 3))
        .expectsToReceiveHttpInteraction(
            "a request for the last page, by a token",
            http ->
                http.withRequest(request ->
                        asPatient(request, "GET", "")
                            .queryParameter(
                                "pageToken",
                                fromProviderState("${olderToken}", Shapes.OLDER_TOKEN)))
                    .willRespondWith(response -> response.status(200).body(Shapes.page(1, true))))
        .toPact();
  }

  @Test
  @PactTestFor(pactMethod = "findsTheOldest")
  void pagesToTheEnd(MockServer server) {
    MessagePage page =
        messages(server)
            .findMessages(Shapes.TENANT, Shapes.INSTANCE, PATIENT, null, Shapes.OLDER_TOKEN);

    assertThat(page.getMeta().getNextPageToken()).isNull();
    assertThat(page.getContent()).hasSize(1);
  }

  @Pact(consumer = CONSUMER)
  V4Pact findsNothing(PactBuilder builder) {
    return builder
        .given(ProviderStates.NO_CHAT, NO_PARAMETERS)
        .expectsToReceiveHttpInteraction(
            "a request for the messages of a patient who has none",
            http ->
                http.withRequest(request -> asPatient(request, "GET", ""))
                    .willRespondWith(response -> response.status(200).body(Shapes.page(0, true))))
        .toPact();
  }

  @Test
  @PactTestFor(pactMethod = "findsNothing")
  void startsWithAnEmptyChat(MockServer server) {
    MessagePage page =
        messages(server).findMessages(Shapes.TENANT, Shapes.INSTANCE, PATIENT, null, null);

    assertThat(page.getMeta().getFound()).isFalse();
    assertThat(page.getMeta().getPrevPageToken()).isNotEmpty();
    assertThat(page.getContent()).isEmpty();
  }

  @Pact(consumer = CONSUMER)
  V4Pact searches(PactBuilder builder) {
    return builder
        .given(ProviderStates.CHAT, Map.of("count", 1, "text", "Hello, world! "))
        .expectsToReceiveHttpInteraction(
            "a search with one hit",
            http ->
                http.withRequest(request ->
                        asPatient(request, "GET", "/search")
                            .queryParameter("query", "hello")
                            .queryParameter("pageSize", "2"))
                    .willRespondWith(response -> response.status(200).body(Shapes.page(1, true))))
        .toPact();
  }

  @Test
  @PactTestFor(pactMethod = "searches")
  void searchesItsChat(MockServer server) {
    MessagePage page =
        messages(server)
            .searchMessages(
                MessagesApi.APISearchMessagesRequest.newBuilder()
                    .tenantName(Shapes.TENANT)
                    .instanceName(Shapes.INSTANCE)
                    .patientId(PATIENT)
                    .query("hello")
                    .pageSize(2)
                    .build());

    assertThat(page.getContent()).hasSize(1);
  }

  @Pact(consumer = CONSUMER)
  V4Pact gets(PactBuilder builder) {
    return builder
        .given(ProviderStates.CHAT, Map.of("count", 1))
        .expectsToReceiveHttpInteraction(
            "a request for one message",
            http ->
                http.withRequest(request -> asPatient(request, "GET", "/${externalId}"))
                    .willRespondWith(response -> response.status(200).body(Shapes.item())))
        .toPact();
  }

  @Test
  @PactTestFor(pactMethod = "gets")
  void opensOneMessage(MockServer server) {
    MessageItem item =
        messages(server).getMessage(Shapes.TENANT, Shapes.INSTANCE, PATIENT, Shapes.EXTERNAL_ID);

    assertThat(item.getMessage().getExternalId()).isEqualTo(Shapes.EXTERNAL_ID);
    assertThat(item.getMeta().getNextPageToken()).isNotEmpty();
  }

  @Pact(consumer = CONSUMER)
  V4Pact misses(PactBuilder builder) {
    return builder
        .given(ProviderStates.NO_CHAT, NO_PARAMETERS)
        .expectsToReceiveHttpInteraction(
            "a request for a message that is not there",
            http ->
                http.withRequest(request -> asPatient(request, "GET", "/" + Shapes.EXTERNAL_ID))
                    .willRespondWith(
                        response -> Shapes.refuse(response, 404, Shapes.problem(404, "not-found"))))
        .toPact();
  }

  @Test
  @PactTestFor(pactMethod = "misses")
  void learnsThatAMessageIsNotThere(MockServer server) throws IOException {
    JsonNode problem =
        Shapes.refused(
            404,
            () ->
                messages(server)
                    .getMessage(Shapes.TENANT, Shapes.INSTANCE, PATIENT, Shapes.EXTERNAL_ID));

    assertThat(problem.path("code").asText()).isEqualTo("not-found");
  }

  @Pact(consumer = CONSUMER)
  V4Pact hasExpired(PactBuilder builder) {
    return builder
        .given(ProviderStates.EXPIRED_CREDENTIAL, NO_PARAMETERS)
        .expectsToReceiveHttpInteraction(
            "a request with an expired token",
            http ->
                http.withRequest(request -> asPatient(request, "GET", ""))
                    .willRespondWith(response ->
                        Shapes.refuse(response, 401, Shapes.problem(401, "unauthenticated"))
                            .header("WWW-Authenticate", regexp("^Bearer.*", "Bearer"))))
        .toPact();
  }

  @Test
  @PactTestFor(pactMethod = "hasExpired")
  void learnsThatItsTokenHasExpired(MockServer server) throws IOException {
    JsonNode problem =
        Shapes.refused(
            401,
            () ->
                messages(server).findMessages(Shapes.TENANT, Shapes.INSTANCE, PATIENT, null, null));

    assertThat(problem.path("code").asText()).isEqualTo("unauthenticated");
  }

  @Pact(consumer = CONSUMER)
  V4Pact isAnother(PactBuilder builder) {
    return builder
        .given(ProviderStates.CREDENTIAL_OF_ANOTHER, NO_PARAMETERS)
        .expectsToReceiveHttpInteraction(
            "a request with the token of another patient",
            http ->
                http.withRequest(request -> asPatient(request, "GET", ""))
                    .willRespondWith(
                        response -> Shapes.refuse(response, 403, Shapes.problem(403, "forbidden"))))
        .toPact();
  }

  @Test
  @PactTestFor(pactMethod = "isAnother")
  void readsNoOtherChat(MockServer server) throws IOException {
    JsonNode problem =
        Shapes.refused(
            403,
            () ->
                messages(server).findMessages(Shapes.TENANT, Shapes.INSTANCE, PATIENT, null, null));

    assertThat(problem.path("code").asText()).isEqualTo("forbidden");
  }

  @Pact(consumer = CONSUMER)
  V4Pact sendsNothing(PactBuilder builder) {
    return builder
        .given(ProviderStates.NO_CHAT, NO_PARAMETERS)
        .expectsToReceiveHttpInteraction(
            "a blank message",
            http ->
                http.withRequest(request ->
                        asPatient(request, "POST", "")
                            .body("{\"message\":\"  \"}", "application/json"))
                    .willRespondWith(
                        response -> Shapes.refuse(response, 400, Shapes.problemOfBody("/message"))))
        .toPact();
  }

  @Test
  @PactTestFor(pactMethod = "sendsNothing")
  void learnsWhatWasWrong(MockServer server) throws IOException {
    JsonNode problem =
        Shapes.refused(
            400,
            () ->
                messages(server)
                    .sendMessage(
                        Shapes.TENANT,
                        Shapes.INSTANCE,
                        PATIENT,
                        new NewMessage().message("  "),
                        null));

    assertThat(problem.at("/errors/0/pointer").asText()).isEqualTo("/message");
  }

  private static HttpRequestBuilder asPatient(
      HttpRequestBuilder request, String method, String rest) {
    return request
        .method(method)
        .path(Shapes.messagesOf(rest))
        .header("Authorization", regexp("^Bearer \\S+$", "Bearer " + TOKEN));
  }

  private static MessagesApi messages(MockServer server) {
    return Shapes.client(server, "Authorization", "Bearer " + TOKEN);
  }
}
