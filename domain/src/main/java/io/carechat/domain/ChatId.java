package io.carechat.domain;

/**
 * The one conversation between a patient and the care team in an instance. It exists from its first
 * message.
 */
public record ChatId(TenantInstance place, PatientId patient) {

  /** {@code tenantName/instanceName/patientId}, which no other chat has. */
  @Override
  public String toString() {
    return place + "/" + patient;
  }
}
