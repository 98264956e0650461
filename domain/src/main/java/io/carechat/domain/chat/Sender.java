package io.carechat.domain.chat;

import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Who sent a message. */
public sealed interface Sender {
  /** The longest {@code titleName}, in characters. */
  int MAX_TITLE_LENGTH = 100;

  /** The sender's own id; a patient's is the {@link PatientId}. */
  UUID id();

  /** The side that the sender is on. */
  ClientType clientType();

  /**
   * A care-team member's title ("Dr.", "Nurse"); null for a patient, and for a member without one.
   */
  @Nullable String titleName();

  /** The patient of the chat. */
  record Patient(PatientId patient) implements Sender {
    @Override
    public UUID id() {
      return patient.value();
    }

    @Override
    public ClientType clientType() {
      return ClientType.PATIENT;
    }

    @Override
    public @Nullable String titleName() {
      return null;
    }
  }

  /**
   * Somebody of the care team.
   *
   * @param titleName 1 to {@value Sender#MAX_TITLE_LENGTH} characters, storable as {@link
   *     MessageText#isStorable} says, or null
   */
  record CareTeamMember(UUID id, @Nullable String titleName) implements Sender {
    /**
     * @throws IllegalArgumentException if the title is empty, too long or not storable
     */
    public CareTeamMember {
      if (titleName != null
          && (titleName.isBlank()
              || titleName.length() > MAX_TITLE_LENGTH
              || !MessageText.isStorable(titleName))) {
        throw new IllegalArgumentException(
            "titleName must have 1 to "
                + MAX_TITLE_LENGTH
                + " characters, without NUL, and not be blank");
      }
    }

    @Override
    public ClientType clientType() {
      return ClientType.CARE_TEAM;
    }
  }
}
