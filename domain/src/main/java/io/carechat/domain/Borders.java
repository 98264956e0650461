package io.carechat.domain;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where the pages beside a page begin. Borders are exclusive, so those of a page are its own ends.
 * An empty page lies between two messages, right behind the border that led to it: coming back from
 * there must find the border's own message again, which is why a border moves by one millisecond
 * when the direction turns.
 */
record Borders(@Nullable Instant older, Instant newer) {

  static Borders of(List<Message> newestFirst, Window window, boolean olderExist) {
    Instant newest = newestFirst.isEmpty() ? null : newestFirst.getFirst().createdAt();
    Instant oldest = newestFirst.isEmpty() ? null : newestFirst.getLast().createdAt();
    Instant newer =
        newest != null
            ? newest
            : switch (window) {
              case Window.Newest() -> Instant.EPOCH;
              case Window.Before(Instant border) -> clamp(border.minusMillis(1));
              case Window.After(Instant border) -> border;
            };
    Instant older =
        oldest != null
            ? oldest
            : switch (window) {
              case Window.Newest() -> Instant.EPOCH;
              case Window.Before(Instant border) -> border;
              case Window.After(Instant border) -> clamp(border.plusMillis(1));
            };
    return new Borders(olderExist ? older : null, newer);
  }

  private static Instant clamp(Instant border) {
    if (border.isBefore(PageToken.EARLIEST)) {
      return PageToken.EARLIEST;
    }
    return border.isAfter(PageToken.LATEST) ? PageToken.LATEST : border;
  }
}
