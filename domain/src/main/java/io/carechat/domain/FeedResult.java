package io.carechat.domain;

/** What reading a feed gives. */
public sealed interface FeedResult permits FeedResult.Read, Forbidden {
  /** Its next events, perhaps none. */
  record Read(FeedPage page) implements FeedResult {}
}
