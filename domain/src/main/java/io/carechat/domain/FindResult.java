package io.carechat.domain;

/** What a find gives. */
public sealed interface FindResult permits FindResult.Found, Forbidden {
  /** A page, perhaps empty. */
  record Found(MessagePage page) implements FindResult {}
}
