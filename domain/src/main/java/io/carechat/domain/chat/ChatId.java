package io.carechat.domain.chat;

import java.util.Optional;

/**
 * Identifies the one conversation between a patient and the care team of an instance. A chat exists
 * from its first message on.
 *
 * @param instance the instance that the chat belongs to
 * @param patient the patient of the chat
 */
public record ChatId(TenantInstance instance, PatientId patient) {

  /** Reads the form that {@link #toString} prints. Any other text gives an empty result. */
  public static Optional<ChatId> parse(String text) {
    String[] parts = text.split("/", -1);
    if (parts.length != 3 || !TenantInstance.isName(parts[0]) || !TenantInstance.isName(parts[1])) {
      return Optional.empty();
    }
    return PatientId.parse(parts[2])
        .map(patient -> new ChatId(new TenantInstance(parts[0], parts[1]), patient))
        .filter(chat -> chat.toString().equals(text));
  }

  /** Prints {@code tenantName/instanceName/patientId}. The text is unique for each chat. */
  @Override
  public String toString() {
    return instance + "/" + patient;
  }
}
