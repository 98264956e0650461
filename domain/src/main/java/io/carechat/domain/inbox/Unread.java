package io.carechat.domain.inbox;

import io.carechat.domain.chat.ClientType;

/**
 * How many messages of the other side each side of a chat has not read. These are the messages
 * after the side's {@link ReadMarker}, or all messages if the side has no marker. They are counted
 * up to {@value #MAX}. That value means that many or more.
 *
 * @param patient how many messages of the care team the patient has not read
 * @param careTeam how many messages of the patient the care team has not read
 */
public record Unread(int patient, int careTeam) {
  /** The number of messages at which counting ends. */
  public static final int MAX = 100;

  /**
   * @throws IllegalArgumentException if a number is not 0 to {@value #MAX}
   */
  public Unread {
    if (patient < 0 || patient > MAX || careTeam < 0 || careTeam > MAX) {
      throw new IllegalArgumentException("unread messages are counted from 0 to " + MAX);
    }
  }

  /** Returns how many messages of the other side a side has not read. */
  public int by(ClientType side) {
    return switch (side) {
      case PATIENT -> patient;
      case CARE_TEAM -> careTeam;
    };
  }
}
