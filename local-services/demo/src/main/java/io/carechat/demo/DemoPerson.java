package io.carechat.demo;

import com.nimbusds.jwt.JWTClaimsSet;
import io.carechat.domain.chat.ClientType;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Who can sign in at the demonstration's issuer. They all take part in the English conversation.
 */
enum DemoPerson {
  /** Answers patients, and searches all chats. */
  NURSE(
      ClientType.CARE_TEAM,
      "444f1f18-9a80-4803-b926-7beec63618c2",
      "Nurse",
      "messages:read messages:send messages:search-instance"),
  /** May do the same, and manages webhooks. */
  DOCTOR(
      ClientType.CARE_TEAM,
      "bf3069a6-0fc3-4cef-ae39-6f0a9cb95867",
      "Dr.",
      "messages:read messages:send messages:search-instance webhooks:manage"),
  /** The patient of the conversation. */
  PATIENT(
      ClientType.PATIENT,
      "5cccfad8-c7b0-4fe8-a01e-eb80c0b234ab",
      null,
      "messages:read messages:send");

  private final ClientType clientType;
  private final String id;
  private final @Nullable String title;
  private final String scopes;

  DemoPerson(ClientType clientType, String id, @Nullable String title, String scopes) {
    this.clientType = clientType;
    this.id = id;
    this.title = title;
    this.scopes = scopes;
  }

  /** Returns the person whose button on the page has this value. */
  static Optional<DemoPerson> ofButton(String value) {
    return Arrays.stream(values()).filter(person -> person.button().equals(value)).findFirst();
  }

  /** The value of the person's button on the page. */
  String button() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The id of the patient, or of the member of the care team. */
  String id() {
    return id;
  }

  /** Adds what a token says about the person. */
  JWTClaimsSet.Builder describe(JWTClaimsSet.Builder claims) {
    var described =
        claims.subject(id).claim("scope", scopes).claim("client_type", clientType.name());
    return title == null ? described : described.claim("title", title);
  }
}
