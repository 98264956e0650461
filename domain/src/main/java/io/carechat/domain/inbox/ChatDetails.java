package io.carechat.domain.inbox;

/**
 * The state of a chat, and how many messages it has.
 *
 * @param summary the state of the chat
 * @param messageCount how many messages the chat has, counted up to {@value #MAX_COUNTED}. That
 *     value means that many or more.
 */
public record ChatDetails(ChatSummary summary, int messageCount) {
  /** The number of messages at which counting ends. */
  public static final int MAX_COUNTED = 1_000;

  /**
   * @throws IllegalArgumentException if the number is not 1 to {@value #MAX_COUNTED}
   */
  public ChatDetails {
    if (messageCount < 1 || messageCount > MAX_COUNTED) {
      throw new IllegalArgumentException("messages are counted from 1 to " + MAX_COUNTED);
    }
  }
}
