package io.carechat.domain.inbox;

/**
 * How many messages of the other side each side of a chat has not read: those after its {@link
 * ReadMarker}, or all of them if it has none. Counted up to {@value #MOST}, which means that many
 * or more.
 *
 * @param patient messages of the care team that the patient has not read
 * @param careTeam messages of the patient that the care team has not read
 */
public record Unread(int patient, int careTeam) {
  /** Where counting ends. */
  public static final int MOST = 100;

  /**
   * @throws IllegalArgumentException if a number is out of bounds
   */
  public Unread {
    if (patient < 0 || patient > MOST || careTeam < 0 || careTeam > MOST) {
      throw new IllegalArgumentException("unread messages are counted from 0 to " + MOST);
    }
  }
}
