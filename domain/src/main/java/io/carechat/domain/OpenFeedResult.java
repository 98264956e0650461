package io.carechat.domain;

/** What opening a feed gives. */
public sealed interface OpenFeedResult permits OpenFeedResult.Opened, Forbidden {
  /** Somebody may read it; the reader is theirs to close. */
  record Opened(FeedReader reader) implements OpenFeedResult {}
}
