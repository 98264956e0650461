package io.carechat.rest.exports;

import static org.assertj.core.api.Assertions.assertThat;

import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.context.support.DefaultProfileValidationSupport;
import ca.uhn.fhir.validation.FhirValidator;
import ca.uhn.fhir.validation.ResultSeverityEnum;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.carechat.api.runtime.Json;
import io.carechat.domain.chat.ChatId;
import io.carechat.domain.chat.ExternalId;
import io.carechat.domain.chat.Message;
import io.carechat.domain.chat.MessageText;
import io.carechat.domain.chat.PatientId;
import io.carechat.domain.chat.RandomTexts;
import io.carechat.domain.chat.Samples;
import io.carechat.domain.chat.Sender;
import io.carechat.domain.events.LogPosition;
import io.carechat.domain.exports.ExportFormat;
import io.carechat.domain.exports.ExportedMessages.Entry;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.hl7.fhir.common.hapi.validation.support.CommonCodeSystemsTerminologyService;
import org.hl7.fhir.common.hapi.validation.support.InMemoryTerminologyServerValidationSupport;
import org.hl7.fhir.common.hapi.validation.support.ValidationSupportChain;
import org.hl7.fhir.common.hapi.validation.validator.FhirInstanceValidator;
import org.hl7.fhir.r4.model.Communication;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every line of an export for FHIR is a resource that HAPI's validator finds nothing wrong with.
 */
final class FhirCommunicationTest {
  private static final UUID PATIENT = UUID.fromString("5cccfad8-c7b0-4fe8-a01e-eb80c0b234ab");
  private static final UUID NURSE = UUID.fromString("0b9c2f64-7d0e-4f0c-9d3a-5a1c8f1f2b10");
  private static final ChatId CHAT = new ChatId(Samples.THIS_INSTANCE, new PatientId(PATIENT));

  /** The targets that FHIR R4 allows, which the validator does not check for identifiers. */
  private static final Map<String, Set<String>> TARGETS =
      Map.of(
          "subject",
          Set.of("Patient", "Group"),
          "sender",
          Set.of(
              "Device",
              "Organization",
              "Patient",
              "Practitioner",
              "PractitionerRole",
              "RelatedPerson",
              "HealthcareService"),
          "recipient",
          Set.of(
              "Device",
              "Organization",
              "Patient",
              "Practitioner",
              "PractitionerRole",
              "RelatedPerson",
              "Group",
              "CareTeam",
              "HealthcareService"));

  private static final Set<ResultSeverityEnum> FAULTS =
      Set.of(ResultSeverityEnum.ERROR, ResultSeverityEnum.FATAL);

  private static FhirContext context;
  private static FhirValidator validator;

  @BeforeAll
  static void makeValidator() {
    context = FhirContext.forR4();
    validator = context.newValidator();
    validator.registerValidatorModule(
        new FhirInstanceValidator(
            new ValidationSupportChain(
                new DefaultProfileValidationSupport(context),
                new InMemoryTerminologyServerValidationSupport(context),
                new CommonCodeSystemsTerminologyService(context))));
  }

  private static Message message(Sender sender, String text) {
    return new Message(
        CHAT,
        new ExternalId(UUID.fromString("6f03096c-7909-4f9b-9466-c7d009073ca1")),
        sender,
        new MessageText(text),
        Samples.NOON);
  }

  private static Message ofPatient(String text) {
    return message(new Sender.Patient(CHAT.patient()), text);
  }

  private static Message ofNurse(@Nullable String title, String text) {
    return message(new Sender.CareTeamMember(NURSE, title), text);
  }

  private static JsonNode line(Message message) {
    byte[] line =
        new FileLines().encode(ExportFormat.FHIR, new Entry(new LogPosition(7_421, 980), message));
    String text = new String(line, StandardCharsets.UTF_8);
    assertThat(text).endsWith("\n");
    assertThat(text.lines()).hasSize(1);
    return Json.read(line);
  }

  /** What is wrong with a resource, as the validator says it. */
  private static List<String> faults(JsonNode resource) {
    return validator.validateWithResult(resource.toString()).getMessages().stream()
        .filter(message -> FAULTS.contains(message.getSeverity()))
        .map(message -> message.getLocationString() + ": " + message.getMessage())
        .toList();
  }

  private static JsonNode valid(Message message) {
    JsonNode resource = line(message);
    assertThat(faults(resource)).isEmpty();
    for (Map.Entry<String, Set<String>> target : TARGETS.entrySet()) {
      JsonNode references = resource.path(target.getKey());
      assertThat(references.isMissingNode()).isFalse();
      for (JsonNode reference : references.isArray() ? references : List.of(references)) {
        assertThat(target.getValue()).contains(reference.path("type").asText());
        assertThat(reference.at("/identifier/system").asText()).isNotEmpty();
        assertThat(reference.at("/identifier/value").asText()).isNotEmpty();
      }
    }
    return resource;
  }

  @Test
  void aMessageOfThePatientIsACommunicationToTheCareTeam() {
    assertThat(valid(ofPatient("hello, world!")))
        .isEqualTo(
            Json.read(
                """
                {"resourceType": "Communication", "id": "IM6f03096c79094f9b9466c7d009073ca1",
                 "identifier": [{"system": "urn:oid:2.25.236408837153498405139352036279042962561",
                   "value": "IM6f03096c79094f9b9466c7d009073ca1"}],
                 "status": "completed",
                 "subject": {"type": "Patient", "identifier": {"system": "urn:ietf:rfc:3986",
                   "value": "urn:uuid:5cccfad8-c7b0-4fe8-a01e-eb80c0b234ab"}},
                 "sent": "2021-02-08T17:17:29.000Z",
                 "recipient": [{"type": "CareTeam", "identifier":
                   {"system": "urn:oid:2.25.100273298764092382651205381476284215299",
                    "value": "test-den/chat2"}}],
                 "sender": {"type": "Patient", "identifier": {"system": "urn:ietf:rfc:3986",
                   "value": "urn:uuid:5cccfad8-c7b0-4fe8-a01e-eb80c0b234ab"}},
                 "payload": [{"contentString": "hello, world!"}]}
                """
                    .getBytes(StandardCharsets.UTF_8)));
  }

  @Test
  void aMessageOfTheCareTeamIsACommunicationToThePatient() {
    JsonNode resource = valid(ofNurse("Nurse", "Good morning."));
    assertThat(resource.at("/sender/type").asText()).isEqualTo("Practitioner");
    assertThat(resource.at("/sender/identifier/value").asText()).isEqualTo("urn:uuid:" + NURSE);
    assertThat(resource.at("/sender/display").asText()).isEqualTo("Nurse");
    assertThat(resource.at("/recipient/0")).isEqualTo(resource.path("subject"));
    assertThat(valid(ofNurse(null, "Good morning.")).at("/sender/display").isMissingNode())
        .isTrue();
  }

  static Stream<String> texts() {
    return Stream.of(
        "hello",
        " leading and trailing ",
        "\ttab\r\nline\nbreaks ",
        "\u00e4\u00f6\u4e2d\u6587 \u0645\u062d\u0645\u062f",
        "\ud83d\ude00".repeat(10_000),
        "x".repeat(10_000),
        "<b>bold</b> <script>alert(1)</script> &amp; &",
        "\"quotes\" \\ and / and \u2028 and \u2029",
        "\u007f\u0085\u009f control characters that FHIR allows",
        "\ufffe\uffff\ufdd0 no characters",
        "\u200b\u00ad invisible x",
        "{\"resourceType\": \"Bundle\"}",
        "urn:uuid:x ${x} %s");
  }

  @ParameterizedTest
  @MethodSource("texts")
  void aTextIsKeptExactly(String text) {
    JsonNode resource = valid(ofPatient(text));
    assertThat(resource.path("payload")).hasSize(1);
    assertThat(resource.at("/payload/0/contentString").asText()).isEqualTo(text);
    Communication parsed =
        context.newJsonParser().parseResource(Communication.class, resource.toString());
    assertThat(parsed.getPayloadFirstRep().getContentStringType().getValue()).isEqualTo(text);
    assertThat(parsed.getSent()).isEqualTo(Samples.NOON);
  }

  /** FHIR forbids them in strings. Nothing is lost: the exact text follows. */
  @Test
  void controlCharactersAreShownAsPicturesAndTheExactTextFollows() {
    String controls =
        IntStream.range(1, 32).mapToObj(Character::toString).reduce("every one: ", String::concat);
    JsonNode resource = valid(ofPatient(controls));
    assertThat(resource.at("/payload/0/contentString").asText())
        .startsWith("every one: \u2401\u2402")
        .contains("\u2408\t\n\u240b\u240c\r\u240e")
        .endsWith("\u241f");
    assertThat(resource.path("payload")).hasSize(2);
    assertThat(
            new String(
                Base64.getDecoder()
                    .decode(resource.at("/payload/1/contentAttachment/data").asText()),
                StandardCharsets.UTF_8))
        .isEqualTo(controls);
    assertThat(valid(ofNurse("Dr.\u0007", "x")).at("/sender/display").asText())
        .isEqualTo("Dr.\u2407");
  }

  @Test
  void randomTextsAreValid() {
    var texts = new RandomTexts(new Random(5));
    for (int i = 0; i < 200; i++) {
      JsonNode _ = valid(ofNurse("Nurse", texts.message().value()));
    }
  }

  /** Otherwise the tests above would show nothing. */
  @Test
  void theValidatorFindsFaults() {
    ObjectNode resource = (ObjectNode) line(ofPatient("hello"));
    assertThat(faults(resource.deepCopy().put("status", "complete"))).isNotEmpty();
    assertThat(faults(resource.deepCopy().put("sent", "yesterday"))).isNotEmpty();
    assertThat(faults(resource.deepCopy().put("more", "members"))).isNotEmpty();
    ObjectNode without = resource.deepCopy();
    without.remove("status");
    assertThat(faults(without)).isNotEmpty();
    ObjectNode blank = resource.deepCopy();
    ((ObjectNode) blank.at("/payload/0")).put("contentString", "");
    assertThat(faults(blank)).isNotEmpty();
  }
}
