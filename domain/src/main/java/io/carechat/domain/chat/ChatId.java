package io.carechat.domain.chat;

import java.util.Optional;

/**
 * The one conversation between a patient and the care team in an instance. It exists from its first
 * message.
 */
public record ChatId(TenantInstance instance, PatientId patient) {

  /** Reads the printed form; anything else is empty. */
  public static Optional<ChatId> parse(String text) {
    String[] parts = text.split("/", -1);
    if (parts.length != 3 || !TenantInstance.isName(parts[0]) || !TenantInstance.isName(parts[1])) {
      return Optional.empty();
    }
    return PatientId.parse(parts[2])
        .map(patient -> new ChatId(new TenantInstance(parts[0], parts[1]), patient))
        .filter(chat -> chat.toString().equals(text));
  }

  /** {@code tenantName/instanceName/patientId}, which no other chat has. */
  @Override
  public String toString() {
    return instance + "/" + patient;
  }
}
