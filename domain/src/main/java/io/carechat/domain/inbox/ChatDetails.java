package io.carechat.domain.inbox;

/**
 * How a chat stands, and how long it is.
 *
 * @param messageCount how many messages it has, counted up to {@value #MOST_COUNTED}, which means
 *     that many or more
 */
public record ChatDetails(ChatSummary summary, int messageCount) {
  /** Where counting ends. */
  public static final int MOST_COUNTED = 1_000;

  /**
   * @throws IllegalArgumentException if the number is out of bounds
   */
  public ChatDetails {
    if (messageCount < 1 || messageCount > MOST_COUNTED) {
      throw new IllegalArgumentException("messages are counted from 1 to " + MOST_COUNTED);
    }
  }
}
