package io.carechat.contracttests.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.PlainJWT;
import com.nimbusds.jwt.SignedJWT;
import io.carechat.api.checked.DescribedOperation;
import io.carechat.api.checked.Document;
import io.carechat.api.checked.RequestDraft;
import io.carechat.client.model.Message;
import io.carechat.client.model.NewMessage;
import io.carechat.contracttests.running.RunningService;
import io.carechat.contracttests.running.RunningService.ApiKey;
import io.carechat.contracttests.running.TestIssuer;
import io.carechat.domain.chat.TenantInstance;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every operation is tried with every credential that must be refused. With such a credential,
 * nobody sees, finds, changes or infers anything. Every operation is also tried with valid
 * credentials, which shows that it is not refused for another reason.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@ExtendWith(RunningService.Parameter.class)
final class CredentialsIT {
  private static final String TEXT = "only for this chat";
  private static final UUID PATIENT = UUID.randomUUID();
  private static final UUID STRANGER = UUID.randomUUID();
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private final RunningService service;
  private String externalId = "";

  /** Operations whose requests are made here, for an existing chat. */
  enum Operation {
    SEND("messages:send"),
    FIND("messages:read"),
    SEARCH("messages:read"),
    SEARCH_BY_BODY("messages:read"),
    GET("messages:read"),
    LIST_CHATS("messages:read"),
    GET_CHAT("messages:read"),
    MARK_READ("messages:read");

    private final String scope;

    Operation(String scope) {
      this.scope = scope;
    }

    /** A request about a message in the patient's chat. The message need not exist. */
    HttpRequest.Builder request(RunningService service, UUID patient, String message) {
      String path = RunningService.messagesOf(patient);
      return switch (this) {
        case SEND -> post(service.request(path), "{\"message\":\"" + TEXT + ", again\"}");
        case FIND -> service.request(path).GET();
        case SEARCH -> service.request(path + "/search?query=chat").GET();
        case SEARCH_BY_BODY -> post(service.request(path + "/search"), "{\"query\":\"chat\"}");
        case GET -> service.request(path + "/" + message).GET();
        case LIST_CHATS -> service.request(RunningService.chats()).GET();
        case GET_CHAT -> service.request(RunningService.chats() + "/" + patient).GET();
        case MARK_READ ->
            service
                .request(RunningService.chats() + "/" + patient + "/read-marker")
                .header("Content-Type", "application/json")
                .PUT(HttpRequest.BodyPublishers.ofString("{\"externalId\":\"" + message + "\"}"));
      };
    }

    private static HttpRequest.Builder post(HttpRequest.Builder request, String body) {
      return request
          .header("Content-Type", "application/json")
          .POST(HttpRequest.BodyPublishers.ofString(body));
    }

    private int success() {
      return this == SEND ? 201 : 200;
    }

    private boolean isForPatients() {
      return this != LIST_CHATS;
    }

    private String otherScopes() {
      return scope.equals("messages:send") ? "messages:read" : "messages:send";
    }
  }

  /** A header with a credential, or with something that is none. */
  private record Credential(String name, String header, String value) {
    static Credential key(String name, String key) {
      return new Credential(name, "X-API-KEY", key);
    }

    static Credential bearer(String name, String token) {
      return new Credential(name, "Authorization", "Bearer " + token);
    }
  }

  CredentialsIT(RunningService service) {
    this.service = service;
  }

  @BeforeAll
  void store() {
    Message sent =
        service
            .client(ApiKey.PARTNER)
            .sendMessage("test-den", "chat2", PATIENT, new NewMessage().message(TEXT), null);
    externalId = sent.getExternalId();
  }

  @ParameterizedTest
  @EnumSource
  void whatCoversTheOperationDoes(Operation operation) {
    // This needs a new chat, because it sends.
    UUID patient = UUID.randomUUID();
    String message =
        service
            .client(ApiKey.PARTNER)
            .sendMessage("test-den", "chat2", patient, new NewMessage().message(TEXT), null)
            .getExternalId();
    List<Credential> good =
        List.of(
            Credential.key("the partner's key", service.apiKey(ApiKey.PARTNER)),
            Credential.key(
                "a key with just the scope",
                service.apiKey(operation == Operation.SEND ? ApiKey.SENDER : ApiKey.READER)),
            Credential.bearer(
                "the patient's token",
                sign(TestIssuer.patient(RunningService.INSTANCE, patient, operation.scope))),
            Credential.bearer(
                "a token of the care team",
                sign(
                    TestIssuer.patient(RunningService.INSTANCE, STRANGER, operation.scope)
                        .claim("client_type", "CARE_TEAM"))));
    for (Credential credential : good) {
      HttpResponse<String> answer =
          service.exchange(
              operation
                  .request(service, patient, message)
                  .header(credential.header(), credential.value()));

      boolean covered =
          operation.isForPatients() || !credential.name().equals("the patient's token");
      assertThat(answer.statusCode())
          .as(credential.name())
          .isEqualTo(covered ? operation.success() : 403);
    }
  }

  static List<DescribedOperation> secured() {
    return Document.served().operations().stream().filter(DescribedOperation::secured).toList();
  }

  @Test
  void thereAreOperationsToTry() {
    assertThat(secured()).hasSizeGreaterThanOrEqualTo(23);
  }

  /** Every operation of the contract, with the contract's examples. */
  @ParameterizedTest
  @MethodSource("secured")
  void noOperationTakesWhatIsNoCredential(DescribedOperation operation) throws Exception {
    String webhooks = webhooks();
    RequestDraft draft = ofThePatient(operation);
    String good = sign(nurse(operation).claim("title", "Nurse"));
    var invalid =
        List.of(
            new Credential("none", "X-Nothing", "nothing"),
            Credential.key("an expired key", service.apiKey(ApiKey.EXPIRED)),
            Credential.bearer(
                "expired", sign(nurse(operation).expirationTime(ago(Duration.ofMinutes(2))))),
            Credential.bearer("alg none", new PlainJWT(nurse(operation).build()).serialize()),
            Credential.bearer(
                "wrong issuer", sign(nurse(operation).issuer("https://id.evil.test"))),
            Credential.bearer("wrong audience", sign(nurse(operation).audience("another"))),
            Credential.bearer("tampered", withClaims(good, PATIENT, STRANGER)));
    for (Credential credential : invalid) {
      HttpResponse<String> _ = refused(draft, credential);
    }
    // The same request with a valid credential is refused only for another reason.
    RequestDraft other = draft.query("noSuchThing=1");
    HttpResponse<String> answer =
        service.exchange(
            other.toRequest(service.url().toString()).header("Authorization", "Bearer " + good));
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(400);

    assertThat(webhooks()).isEqualTo(webhooks);
    assertNothingHappened();
  }

  private static RequestDraft ofThePatient(DescribedOperation operation) {
    RequestDraft draft = RequestDraft.of(operation);
    String path = draft.path();
    for (DescribedOperation.Parameter parameter : operation.parameters()) {
      if (parameter.name().equals("patientId")) {
        path = path.replace("/" + parameter.example(), "/" + PATIENT);
      }
    }
    return draft.path(path);
  }

  /** The claims of a member of the care team who has exactly the scope that an operation needs. */
  private static JWTClaimsSet.Builder nurse(DescribedOperation operation) {
    return TestIssuer.patient(RunningService.INSTANCE, STRANGER, operation.scope().orElseThrow())
        .claim("client_type", "CARE_TEAM");
  }

  private String webhooks() {
    HttpResponse<String> answer =
        service.exchange(
            service.partnerRequest("/api/v1/" + RunningService.INSTANCE + "/webhooks").GET());
    assertThat(answer.statusCode()).isEqualTo(200);
    return answer.body();
  }

  private HttpResponse<String> refused(RequestDraft draft, Credential credential)
      throws IOException {
    HttpResponse<String> answer =
        refused(draft.toRequest(service.url().toString()), credential, 401, "unauthenticated");
    assertThat(answer.headers().firstValue("WWW-Authenticate"))
        .as(credential.name())
        .hasValueSatisfying(value -> assertThat(value).startsWith("Bearer"));
    return answer;
  }

  /**
   * Every way to have no valid credential, with one operation that reads and one that writes. Two
   * are enough, because all operations use the same check, and an address may fail only some
   * hundred times a minute.
   */
  @ParameterizedTest
  @EnumSource(names = {"SEND", "GET"})
  void whatIsNoCredentialIsRefused(Operation operation) throws Exception {
    String good = sign(TestIssuer.patient(RunningService.INSTANCE, PATIENT, operation.scope));
    var invalid = new ArrayList<Credential>();
    invalid.add(new Credential("none", "X-Nothing", "nothing"));
    invalid.add(Credential.key("an unknown key", "cck_" + "x".repeat(43)));
    invalid.add(Credential.key("an expired key", service.apiKey(ApiKey.EXPIRED)));
    invalid.add(Credential.key("a token as a key", good));
    invalid.add(new Credential("another scheme", "Authorization", "Basic " + good));
    invalid.add(new Credential("no scheme", "Authorization", good));
    invalid.add(Credential.bearer("a key as a token", service.apiKey(ApiKey.PARTNER)));
    invalid.add(Credential.bearer("no token", "no.token.atall"));
    invalid.add(
        Credential.bearer(
            "expired", sign(patient(operation).expirationTime(ago(Duration.ofMinutes(2))))));
    invalid.add(Credential.bearer("without an end", sign(patient(operation).expirationTime(null))));
    invalid.add(
        Credential.bearer(
            "valid for too long",
            sign(patient(operation).expirationTime(ago(Duration.ofDays(-2))))));
    invalid.add(
        Credential.bearer(
            "issued in the future",
            sign(patient(operation).issueTime(ago(Duration.ofMinutes(-10))))));
    invalid.add(
        Credential.bearer(
            "scopes as a list", sign(patient(operation).claim("scope", List.of(operation.scope)))));
    invalid.add(
        Credential.bearer("a number as a tenant", sign(patient(operation).claim("tenant", 1))));
    invalid.add(
        Credential.bearer(
            "for an instance that is not its issuer's",
            sign(
                TestIssuer.patient(
                    new TenantInstance("stranger", "chat"), PATIENT, operation.scope))));
    invalid.add(
        Credential.bearer(
            "not yet valid", sign(patient(operation).notBeforeTime(ago(Duration.ofMinutes(-10))))));
    invalid.add(
        Credential.bearer("wrong issuer", sign(patient(operation).issuer("https://id.evil.test"))));
    invalid.add(Credential.bearer("no issuer", sign(patient(operation).issuer(null))));
    invalid.add(Credential.bearer("wrong audience", sign(patient(operation).audience("another"))));
    invalid.add(Credential.bearer("no audience", sign(patient(operation).audience((String) null))));
    invalid.add(
        Credential.bearer("alg none", new PlainJWT(patient(operation).build()).serialize()));
    invalid.add(Credential.bearer("signed by another", new TestIssuer().sign(patient(operation))));
    invalid.add(
        Credential.bearer(
            "the public key as a secret", signedWithThePublicKey(patient(operation).build())));
    invalid.add(Credential.bearer("tampered claims", withClaims(good, STRANGER, PATIENT)));
    invalid.add(Credential.bearer("tampered signature", withAnotherSignature(good)));
    invalid.add(
        Credential.bearer("without a signature", good.substring(0, good.lastIndexOf('.') + 1)));
    invalid.add(
        Credential.bearer("without a tenant", sign(patient(operation).claim("tenant", null))));
    invalid.add(
        Credential.bearer(
            "of no client type", sign(patient(operation).claim("client_type", "ROBOT"))));
    invalid.add(Credential.bearer("of no patient", sign(patient(operation).subject("not-a-uuid"))));

    for (Credential credential : invalid) {
      HttpResponse<String> answer = refused(operation, PATIENT, credential, 401, "unauthenticated");

      assertThat(answer.headers().firstValue("WWW-Authenticate"))
          .as(credential.name())
          .hasValueSatisfying(value -> assertThat(value).startsWith("Bearer"));
    }
    assertNothingHappened();
  }

  @ParameterizedTest
  @EnumSource
  void whatDoesNotCoverTheOperationIsRefused(Operation operation) throws Exception {
    TenantInstance otherTenant = new TenantInstance("other-den", "chat2");
    TenantInstance otherInstance = new TenantInstance("test-den", "chat3");
    List<Credential> uncovering =
        List.of(
            Credential.key("a key of another tenant", service.apiKey(ApiKey.OTHER_TENANT)),
            Credential.key("a key of another instance", service.apiKey(ApiKey.OTHER_INSTANCE)),
            Credential.key(
                "a key without the scope",
                service.apiKey(operation == Operation.SEND ? ApiKey.READER : ApiKey.SENDER)),
            Credential.bearer(
                "a token of another tenant",
                sign(TestIssuer.patient(otherTenant, PATIENT, RunningService.ALL_SCOPES))),
            Credential.bearer(
                "a token of another instance",
                sign(TestIssuer.patient(otherInstance, PATIENT, RunningService.ALL_SCOPES))),
            Credential.bearer(
                "another patient's token",
                sign(
                    TestIssuer.patient(
                        RunningService.INSTANCE, STRANGER, RunningService.ALL_SCOPES))),
            Credential.bearer(
                "a token without the scope",
                sign(
                    TestIssuer.patient(RunningService.INSTANCE, PATIENT, operation.otherScopes()))),
            Credential.bearer(
                "a token with a scope of a similar name",
                sign(
                    TestIssuer.patient(
                        RunningService.INSTANCE,
                        PATIENT,
                        operation.scope
                            + "s messages "
                            + operation.scope.toUpperCase(Locale.ROOT)))),
            Credential.bearer(
                "a token of a care team of another tenant",
                sign(
                    TestIssuer.patient(otherTenant, STRANGER, RunningService.ALL_SCOPES)
                        .claim("client_type", "CARE_TEAM"))));

    for (Credential credential : uncovering) {
      HttpResponse<String> ofAChat = refused(operation, PATIENT, credential, 403, "forbidden");
      if (credential.name().startsWith("a token of another")
          || credential.name().startsWith("a key")) {
        // The answer is the same whether or not such a chat exists.
        HttpResponse<String> ofNone =
            refused(operation, UUID.randomUUID(), credential, 403, "forbidden");
        assertThat(withoutInstance(ofNone)).isEqualTo(withoutInstance(ofAChat));
      }
    }
    assertNothingHappened();
  }

  @Test
  void onlyItsScopeLetsAKeySendForTheCareTeam() throws Exception {
    String body =
        "{\"message\":\"%s\",\"sender\":{\"id\":\"%s\"}}".formatted(TEXT, UUID.randomUUID());
    var credentials =
        List.of(
            Credential.key("a key without the scope", service.apiKey(ApiKey.NO_CARE_TEAM)),
            Credential.bearer(
                "a patient's token with the scope",
                sign(
                    TestIssuer.patient(
                        RunningService.INSTANCE, PATIENT, RunningService.ALL_SCOPES))));
    for (Credential credential : credentials) {
      HttpResponse<String> answer =
          service.exchange(
              Operation.post(service.request(RunningService.messagesOf(PATIENT)), body)
                  .header(credential.header(), credential.value()));

      assertThat(answer.statusCode()).as(credential.name()).isEqualTo(403);
    }
    assertNothingHappened();
  }

  /** A message's id gives no access to another chat. */
  @Test
  void aMessageIsNotFoundInAnotherChat() {
    HttpResponse<String> answer =
        service.exchange(
            service.partnerRequest(RunningService.messagesOf(STRANGER) + "/" + externalId).GET());

    assertThat(answer.statusCode()).isEqualTo(404);
  }

  private HttpResponse<String> refused(
      Operation operation, UUID patient, Credential credential, int status, String code)
      throws IOException {
    return refused(operation.request(service, patient, externalId), credential, status, code);
  }

  private HttpResponse<String> refused(
      HttpRequest.Builder request, Credential credential, int status, String code)
      throws IOException {
    HttpResponse<String> answer =
        service.exchange(request.header(credential.header(), credential.value()));

    assertThat(answer.statusCode()).as(credential.name()).isEqualTo(status);
    assertThat(answer.headers().firstValue("Content-Type"))
        .as(credential.name())
        .hasValueSatisfying(type -> assertThat(type).startsWith("application/problem+json"));
    JsonNode problem = MAPPER.readTree(answer.body());
    assertThat(problem.path("code").asText()).as(credential.name()).isEqualTo(code);
    assertThat(answer.body()).doesNotContain(TEXT, externalId, credential.value());
    return answer;
  }

  private static JsonNode withoutInstance(HttpResponse<String> answer) throws IOException {
    JsonNode problem = MAPPER.readTree(answer.body());
    ((ObjectNode) problem).remove("instance");
    return problem;
  }

  private void assertNothingHappened() {
    assertThat(
            service
                .client(ApiKey.PARTNER)
                .findMessages("test-den", "chat2", PATIENT, null, null)
                .getContent()
                .stream()
                .map(item -> item.getMessage().getExternalId()))
        .containsExactly(externalId);
    assertThat(service.chats(ApiKey.PARTNER).getChat("test-den", "chat2", PATIENT).getReadMarkers())
        .isEmpty();
  }

  private static JWTClaimsSet.Builder patient(Operation operation) {
    return TestIssuer.patient(RunningService.INSTANCE, PATIENT, operation.scope);
  }

  private String sign(JWTClaimsSet.Builder claims) {
    return service.issuer().sign(claims);
  }

  private static Date ago(Duration time) {
    return Date.from(Instant.now().minus(time));
  }

  /**
   * A well-known attack that confuses algorithms: a MAC whose secret is the public key, which
   * everybody has.
   */
  private String signedWithThePublicKey(JWTClaimsSet claims) throws JOSEException {
    var token =
        new SignedJWT(
            new JWSHeader.Builder(JWSAlgorithm.HS256)
                .keyID(service.issuer().publicKey().getKeyID())
                .build(),
            claims);
    token.sign(
        new MACSigner(
            service.issuer().publicKey().toJSONString().getBytes(StandardCharsets.UTF_8)));
    return token.serialize();
  }

  private static String withClaims(String token, UUID instead, UUID of) {
    String[] parts = token.split("\\.", -1);
    String claims = new String(Base64.getUrlDecoder().decode(parts[1]), StandardCharsets.UTF_8);
    assertThat(claims).contains(of.toString());
    return parts[0]
        + "."
        + Base64.getUrlEncoder()
            .withoutPadding()
            .encodeToString(
                claims.replace(of.toString(), instead.toString()).getBytes(StandardCharsets.UTF_8))
        + "."
        + parts[2];
  }

  private static String withAnotherSignature(String token) {
    String[] parts = token.split("\\.", -1);
    byte[] signature = Base64.getUrlDecoder().decode(parts[2]);
    signature[7] ^= 1;
    return parts[0]
        + "."
        + parts[1]
        + "."
        + Base64.getUrlEncoder().withoutPadding().encodeToString(signature);
  }
}
