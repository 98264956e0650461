package io.carechat.domain;

/** Which part of an instance's messages a page is taken from. Borders are exclusive. */
public sealed interface InstanceWindow {
  /** The newest. */
  record Newest() implements InstanceWindow {}

  /** What is older than the border, nearest first. */
  record Before(TimeAndId border) implements InstanceWindow {}

  /** What is newer than the border, nearest first. */
  record After(TimeAndId border) implements InstanceWindow {}

  /** Whether a message lies in it. */
  default boolean contains(TimeAndId place) {
    return switch (this) {
      case Newest() -> true;
      case Before(TimeAndId border) -> place.compareTo(border) < 0;
      case After(TimeAndId border) -> place.compareTo(border) > 0;
    };
  }
}
