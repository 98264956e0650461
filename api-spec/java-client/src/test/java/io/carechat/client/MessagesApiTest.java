package io.carechat.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpServer;
import io.carechat.client.model.CareTeamSender;
import io.carechat.client.model.ClientType;
import io.carechat.client.model.Message;
import io.carechat.client.model.MessagePage;
import io.carechat.client.model.MessageSearch;
import io.carechat.client.model.NewMessage;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.OffsetDateTime;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a partner gets from the generated client, over a real connection. */
final class MessagesApiTest {

  private static final UUID PATIENT = UUID.fromString("5cccfad8-c7b0-4fe8-a01e-eb80c0b234ab");

  private final AtomicReference<Request> received = new AtomicReference<>();
  private HttpServer server;
  private MessagesApi messages;
  private int status = 200;
  private String answer = "";

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          received.set(
              new Request(
                  exchange.getRequestMethod() + " " + exchange.getRequestURI(),
                  exchange.getRequestHeaders(),
                  new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8)));
          byte[] bytes = answer.getBytes(StandardCharsets.UTF_8);
          exchange
              .getResponseHeaders()
              .set("Content-Type", status < 400 ? "application/json" : "application/problem+json");
          exchange.sendResponseHeaders(status, bytes.length);
          exchange.getResponseBody().write(bytes);
          exchange.close();
        });
    server.start();
    ApiClient client = new ApiClient();
    client.updateBaseUri("http://127.0.0.1:" + server.getAddress().getPort());
    client.setRequestInterceptor(request -> request.header("X-API-KEY", "a-key"));
    messages = new MessagesApi(client);
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  @Test
  void sendsAMessageForAMemberOfTheCareTeam() throws IOException {
    status = 201;
    answer =
        """
        {"sender":{"clientType":"CARE_TEAM","id":"0b9c2f64-7d0e-4f0c-9d3a-5a1c8f1f2b10","titleName":"Nurse"},
         "message":"Grüße 👋","externalId":"IM6f03096c79094f9b9466c7d009073ca1",
         "createdAt":"2021-02-08T17:17:29.000Z"}
        """;

    Message stored =
        messages.sendMessage(
            MessagesApi.APISendMessageRequest.newBuilder()
                .tenantName("test-den")
                .instanceName("chat2")
                .patientId(PATIENT)
                .idempotencyKey("key-1")
                .newMessage(
                    new NewMessage()
                        .message("Grüße 👋")
                        .sender(
                            new CareTeamSender()
                                .id(UUID.fromString("0b9c2f64-7d0e-4f0c-9d3a-5a1c8f1f2b10"))
                                .titleName("Nurse")))
                .build());

    assertThat(stored.getSender().getClientType()).isEqualTo(ClientType.CARE_TEAM);
    assertThat(stored.getMessage()).isEqualTo("Grüße 👋");
    assertThat(stored.getCreatedAt()).isEqualTo(OffsetDateTime.parse("2021-02-08T17:17:29Z"));
    Request request = received.get();
    assertThat(request.line())
        .isEqualTo("POST /api/v1/test-den/chat2/patients/" + PATIENT + "/messages");
    assertThat(request.headers().getFirst("Idempotency-Key")).isEqualTo("key-1");
    assertThat(request.headers().getFirst("X-API-KEY")).isEqualTo("a-key");
    JsonNode sent = new ObjectMapper().readTree(request.body());
    assertThat(sent)
        .isEqualTo(
            new ObjectMapper()
                .readTree(
                    """
                    {"message":"Grüße 👋",
                     "sender":{"id":"0b9c2f64-7d0e-4f0c-9d3a-5a1c8f1f2b10","titleName":"Nurse"}}
                    """));
  }

  @Test
  void bearsWhatALaterVersionAdds() {
    answer =
        """
        {"meta":{"nextPageToken":null,"prevPageToken":"e30=","pageSize":1,"found":true,"later":1},
         "content":[{"meta":{"nextPageToken":"e30=","prevPageToken":"e30="},
           "message":{"sender":{"clientType":"ROBOT","id":"5cccfad8-c7b0-4fe8-a01e-eb80c0b234ab","titleName":null},
             "message":"x","externalId":"IM6f03096c79094f9b9466c7d009073ca1",
             "createdAt":"2021-02-08T17:17:29.000Z"}}]}
        """;

    MessagePage page = messages.findMessages("test-den", "chat2", PATIENT, 7, null);

    assertThat(received.get().line()).endsWith("/messages?pageSize=7");
    assertThat(page.getMeta().getNextPageToken()).isNull();
    assertThat(page.getContent().getFirst().getMessage().getSender().getClientType())
        .isEqualTo(ClientType.UNKNOWN_DEFAULT_OPEN_API);
  }

  @Test
  void sendsOnlyWhatWasSet() {
    answer =
        """
        {"meta":{"nextPageToken":null,"prevPageToken":"e30=","pageSize":0,"found":false},"content":[]}
        """;

    messages.searchMessagesByBody(
        "test-den", "chat2", PATIENT, new MessageSearch().pageToken("e30="));

    assertThat(received.get().body()).isEqualTo("{\"pageToken\":\"e30=\"}");
  }

  @Test
  void writesAQueryAsItIs() {
    answer =
        """
        {"meta":{"nextPageToken":null,"prevPageToken":"e30=","pageSize":0,"found":false},"content":[]}
        """;

    messages.searchMessages(
        MessagesApi.APISearchMessagesRequest.newBuilder()
            .tenantName("test-den")
            .instanceName("chat2")
            .patientId(PATIENT)
            .query("1+1 & 50% é")
            .from(OffsetDateTime.parse("2021-03-01T00:00:00+01:00"))
            .clientType(ClientType.PATIENT)
            .build());

    assertThat(received.get().line())
        .endsWith(
            "/messages/search?query=1%2B1%20%26%2050%25%20%C3%A9"
                + "&from=2021-03-01T00%3A00%3A00%2B01%3A00&clientType=PATIENT");
  }

  @Test
  void tellsAProblem() {
    status = 422;
    answer = "{\"code\":\"idempotency-key-reused\",\"status\":422}";

    ApiException problem =
        catchThrowableOfType(
            ApiException.class,
            () ->
                messages.sendMessage(
                    "test-den", "chat2", PATIENT, new NewMessage().message("x"), "key-1"));

    assertThat(problem.getCode()).isEqualTo(422);
    assertThat(problem.getResponseBody()).isEqualTo(answer);
  }

  private record Request(String line, Headers headers, String body) {}
}
