package io.carechat.contracttests.pacts;

import static au.com.dius.pact.consumer.dsl.LambdaDsl.newJsonBody;
import static au.com.dius.pact.consumer.dsl.Matchers.fromProviderState;
import static au.com.dius.pact.consumer.dsl.Matchers.regexp;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import au.com.dius.pact.consumer.MockServer;
import au.com.dius.pact.consumer.dsl.DslPart;
import au.com.dius.pact.consumer.dsl.HttpResponseBuilder;
import au.com.dius.pact.consumer.dsl.LambdaDslObject;
import au.com.dius.pact.consumer.dsl.Matcher;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.carechat.client.ApiClient;
import io.carechat.client.ApiException;
import io.carechat.client.MessagesApi;
import java.io.IOException;
import java.util.UUID;
import java.util.function.Consumer;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/** The shapes of the API's answers: exact where the contract is exact, and no stricter. */
final class Shapes {
  static final String TENANT = "test-den";
  static final String INSTANCE = "chat2";
  static final String PATIENT = "5cccfad8-c7b0-4fe8-a01e-eb80c0b234ab";
  static final String EXTERNAL_ID = "IM6f03096c79094f9b9466c7d009073ca1";
  static final String CREATED_AT = "2021-02-08T17:17:29.000Z";

  /** A {@code LOCAL_FIND} token to older messages, with the page size 2. */
  static final String OLDER_TOKEN =
      "eyJ0eXBlIjoiTE9DQUxfRklORCIsInBhZ2VTaXplIjoyLCJib3JkZXJEYXRlIjoiMjAyMS0wMy0wNVQxNjowNzozMS4yOThaIiwiYmVmb3JlIjp0cnVlfQ==";

  private static final String JSON_BASE64 = "^eyJ[A-Za-z0-9+/]+={0,2}$";

  private Shapes() {}

  /** The path of a patient's messages. The provider state gives the patient. */
  static Matcher messagesOf(String rest) {
    return fromProviderState(
        path("${tenantName}", "${instanceName}", "${patientId}") + rest,
        path(TENANT, INSTANCE, PATIENT) + rest.replace("${externalId}", EXTERNAL_ID));
  }

  private static String path(String tenant, String instance, String patient) {
    return "/api/v1/" + tenant + "/" + instance + "/patients/" + patient + "/messages";
  }

  static DslPart message(String text) {
    return newJsonBody(body -> message(body, sender -> patient(sender), text)).build();
  }

  static DslPart messageOfNurse(String id, String text) {
    return newJsonBody(body ->
            message(
                body,
                sender ->
                    sender
                        .stringValue("clientType", "CARE_TEAM")
                        .stringValue("id", id)
                        .stringValue("titleName", "Nurse"),
                text))
        .build();
  }

  static DslPart item() {
    return newJsonBody(Shapes::item).build();
  }

  /** A page with exactly this number of items. */
  static DslPart page(int count, boolean last) {
    return newJsonBody(
            body -> {
              body.object(
                  "meta",
                  meta -> {
                    if (last) {
                      meta.nullValue("nextPageToken");
                    } else {
                      meta.stringMatcher("nextPageToken", JSON_BASE64, OLDER_TOKEN);
                    }
                    meta.stringMatcher("prevPageToken", JSON_BASE64, OLDER_TOKEN)
                        .numberValue("pageSize", count)
                        .booleanValue("found", count > 0);
                  });
              if (count == 0) {
                body.array("content");
              } else {
                body.minMaxArrayLike("content", count, count, Shapes::item);
              }
            })
        .build();
  }

  private static void item(LambdaDslObject item) {
    item.object(
            "meta",
            meta ->
                meta.stringMatcher("nextPageToken", JSON_BASE64, OLDER_TOKEN)
                    .stringMatcher("prevPageToken", JSON_BASE64, OLDER_TOKEN))
        .object(
            "message",
            message -> {
              message.object("sender", Shapes::patient);
              message.stringType("message", "Hello from API client: 3");
              identity(message);
            });
  }

  private static void message(
      LambdaDslObject message, Consumer<LambdaDslObject> sender, String text) {
    message.object("sender", sender);
    message.stringValue("message", text);
    identity(message);
  }

  private static void patient(LambdaDslObject sender) {
    sender
        .stringValue("clientType", "PATIENT")
        .uuid("id", UUID.fromString(PATIENT))
        .nullValue("titleName");
  }

  private static void identity(LambdaDslObject message) {
    message
        .stringMatcher("externalId", "^IM[0-9a-f]{32}$", EXTERNAL_ID)
        .stringMatcher(
            "createdAt", "^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}\\.\\d{3}Z$", CREATED_AT);
  }

  /** Makes the response a refusal with a problem. */
  static HttpResponseBuilder refuse(HttpResponseBuilder response, int status, DslPart problem) {
    return response
        .status(status)
        .header("Content-Type", regexp("^application/problem\\+json.*", "application/problem+json"))
        .body(problem);
  }

  /** The generated client of a mock of the service, with a header that is a credential. */
  static MessagesApi client(MockServer server, String header, String value) {
    var client = new ApiClient();
    client.updateBaseUri(server.getUrl());
    client.setRequestInterceptor(request -> request.header(header, value));
    return new MessagesApi(client);
  }

  /** Makes a call that must be refused, and returns the problem. */
  static JsonNode refused(int status, ThrowingCallable call) throws IOException {
    ApiException refused = catchThrowableOfType(ApiException.class, call);
    assertThat(refused.getCode()).isEqualTo(status);
    return new ObjectMapper().readTree(refused.getResponseBody());
  }

  /** A problem that is not about parts of the request. */
  static DslPart problem(int status, String code) {
    return newJsonBody(body -> problem(body, status, code).array("errors")).build();
  }

  /** A problem with one violation, in the parameter of this name. */
  static DslPart problemOfParameter(String code, String parameter) {
    return newJsonBody(body ->
            problem(body, 400, code)
                .array(
                    "errors",
                    errors ->
                        errors.object(fault ->
                            fault
                                .stringValue("parameter", parameter)
                                .nullValue("pointer")
                                .stringType("detail", "must be at most 200"))))
        .build();
  }

  /** A problem with one violation, at this position in the body. */
  static DslPart problemOfBody(String pointer) {
    return newJsonBody(body ->
            problem(body, 400, "invalid-request")
                .array(
                    "errors",
                    errors ->
                        errors.object(fault ->
                            fault
                                .nullValue("parameter")
                                .stringValue("pointer", pointer)
                                .stringType("detail", "must not be blank"))))
        .build();
  }

  private static LambdaDslObject problem(LambdaDslObject body, int status, String code) {
    return body.stringValue("type", "/problems/" + code)
        .stringType("title", "What kind of problem it is")
        .numberValue("status", status)
        .stringType("detail", "What was wrong this time.")
        .stringType("instance", "01J9ZQ4T7C8S3M5R2N6V0K1X4B")
        .stringValue("code", code);
  }
}
