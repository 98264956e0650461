package io.carechat.rest.exports;

import io.carechat.api.runtime.Rfc3339;
import io.carechat.domain.chat.Message;
import io.carechat.domain.chat.Sender;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Writes messages as resources <a href="https://hl7.org/fhir/R4/communication.html">
 * Communication</a> of FHIR R4. They refer to patients, members of the care team and the care team
 * itself by identifiers, because this service has no such resources.
 *
 * <p>A string of FHIR must not contain control characters other than tab, line feed and carriage
 * return (<a href="https://hl7.org/fhir/R4/datatypes.html#string">data types</a>). A message may.
 * In its {@code contentString} each of them is replaced by its picture in the block Control
 * Pictures of Unicode, and the exact text follows as an attachment.
 */
final class FhirCommunication {
  /** The system of the ids of messages: an OID that was made of a UUID (ITU-T X.667). */
  static final String MESSAGE_SYSTEM = "urn:oid:2.25.236408837153498405139352036279042962561";

  /** The system of care teams, whose values are {@code tenantName/instanceName}. */
  static final String CARE_TEAM_SYSTEM = "urn:oid:2.25.100273298764092382651205381476284215299";

  /** The system of identifiers that are URIs themselves, such as {@code urn:uuid:…}. */
  static final String URI_SYSTEM = "urn:ietf:rfc:3986";

  /** Where the pictures of control characters begin. */
  private static final int CONTROL_PICTURES = 0x2400;

  private FhirCommunication() {}

  /** Returns the members of a resource, in the order of the standard. */
  static Map<String, Object> of(Message message) {
    Map<String, Object> patient = reference("Patient", message.chat().patient().value(), null);
    Map<String, Object> careTeam =
        reference("CareTeam", CARE_TEAM_SYSTEM, message.chat().instance().toString(), null);
    Sender sender = message.sender();
    var resource = new LinkedHashMap<String, Object>();
    resource.put("resourceType", "Communication");
    resource.put("id", message.externalId().toString());
    resource.put(
        "identifier", List.of(identifier(MESSAGE_SYSTEM, message.externalId().toString())));
    resource.put("status", "completed");
    resource.put("subject", patient);
    resource.put("sent", Rfc3339.format(message.createdAt()));
    resource.put(
        "recipient",
        List.of(
            switch (sender) {
              case Sender.Patient _ -> careTeam;
              case Sender.CareTeamMember _ -> patient;
            }));
    resource.put(
        "sender",
        switch (sender) {
          case Sender.Patient _ -> patient;
          case Sender.CareTeamMember member ->
              reference("Practitioner", member.id(), member.titleName());
        });
    resource.put("payload", payload(message.text().value()));
    return resource;
  }

  private static List<Map<String, Object>> payload(String text) {
    String shown = withPictures(text);
    Map<String, Object> string = Map.of("contentString", shown);
    if (shown.equals(text)) {
      return List.of(string);
    }
    var attachment = new LinkedHashMap<String, Object>();
    attachment.put("contentType", "text/plain; charset=utf-8");
    attachment.put(
        "data", Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8)));
    attachment.put("title", "The exact text, with its control characters");
    return List.of(string, Map.of("contentAttachment", attachment));
  }

  /** Replaces the control characters that FHIR does not allow. */
  private static String withPictures(String text) {
    var shown = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      boolean isAllowed = c >= ' ' || c == '\t' || c == '\n' || c == '\r';
      shown.append(isAllowed ? c : (char) (CONTROL_PICTURES + c));
    }
    return shown.toString();
  }

  private static Map<String, Object> reference(String type, UUID id, @Nullable String display) {
    return reference(type, URI_SYSTEM, "urn:uuid:" + id, display);
  }

  private static Map<String, Object> reference(
      String type, String system, String value, @Nullable String display) {
    var reference = new LinkedHashMap<String, Object>();
    reference.put("type", type);
    reference.put("identifier", identifier(system, value));
    if (display != null) {
      reference.put("display", withPictures(display));
    }
    return reference;
  }

  private static Map<String, Object> identifier(String system, String value) {
    var identifier = new LinkedHashMap<String, Object>();
    identifier.put("system", system);
    identifier.put("value", value);
    return identifier;
  }
}
