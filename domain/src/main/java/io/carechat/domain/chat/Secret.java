package io.carechat.domain.chat;

/**
 * A text that must stay secret. Its {@link #toString} hides the value, so that it is not printed by
 * accident.
 *
 * @param value the secret itself
 */
public record Secret(String value) {
  /** Prints a fixed text without the value. */
  @Override
  public String toString() {
    return "Secret[…]";
  }
}
