package io.carechat.domain.chat;

/** A text that must not be seen: it is not printed by accident. */
public record Secret(String value) {
  @Override
  public String toString() {
    return "Secret[…]";
  }
}
