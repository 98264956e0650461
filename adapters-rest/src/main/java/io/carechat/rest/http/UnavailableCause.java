package io.carechat.rest.http;

import io.carechat.domain.chat.Unavailable;
import java.util.List;
import java.util.stream.Stream;

/** Which part of the service could not serve a request. */
public final class UnavailableCause {
  private record Part(String packageName, String cause) {}

  /** The first that fits counts. */
  private static final List<Part> PARTS =
      List.of(
          new Part("io.carechat.persistence.", "database"),
          new Part("io.carechat.search.", "search-engine"),
          new Part("io.carechat.domain.search.", "search"),
          new Part("io.carechat.domain.feeds.", "event-log"),
          new Part("io.carechat.rest.", "overload"),
          new Part("io.carechat.bootstrap.", "issuer"));

  private static final String OTHER = "other";

  /** All causes that there are. */
  public static final List<String> ALL =
      Stream.concat(PARTS.stream().map(Part::cause), Stream.of(OTHER)).toList();

  private UnavailableCause() {}

  /** Returns the part whose code has thrown it; {@code other} if that is unknown. */
  static String of(Unavailable unavailable) {
    StackTraceElement[] frames = unavailable.getStackTrace();
    String thrower = frames.length == 0 ? "" : frames[0].getClassName();
    return PARTS.stream()
        .filter(part -> thrower.startsWith(part.packageName))
        .map(Part::cause)
        .findFirst()
        .orElse(OTHER);
  }
}
