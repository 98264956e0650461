package io.carechat.domain.chat;

import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The sender of a message. */
public sealed interface Sender {
  /** The maximum length of {@link #titleName}, in code points. */
  int MAX_TITLE_LENGTH = 100;

  /** Returns the sender's own id. For a patient it is the value of the {@link PatientId}. */
  UUID id();

  /** Returns the side of the chat that the sender belongs to. */
  ClientType clientType();

  /**
   * Returns the title of a care-team member, such as "Dr." or "Nurse". It is null for a patient and
   * for a member without a title.
   */
  @Nullable String titleName();

  /**
   * The patient of the chat.
   *
   * @param patient the id of the patient
   */
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
   * A member of the care team.
   *
   * @param id the id of the member
   * @param titleName null, or a text of 1 to {@value Sender#MAX_TITLE_LENGTH} code points that is
   *     not blank and satisfies {@link MessageText#isStorable}
   */
  record CareTeamMember(UUID id, @Nullable String titleName) implements Sender {
    /**
     * @throws IllegalArgumentException if the title is blank, too long or not storable
     */
    public CareTeamMember {
      if (titleName != null
          && (VisibleText.isBlank(titleName)
              || titleName.codePointCount(0, titleName.length()) > MAX_TITLE_LENGTH
              || !MessageText.isStorable(titleName))) {
        throw new IllegalArgumentException(
            "titleName must have 1 to "
                + MAX_TITLE_LENGTH
                + " characters, must not contain NUL and must not be blank");
      }
    }

    @Override
    public ClientType clientType() {
      return ClientType.CARE_TEAM;
    }
  }
}
