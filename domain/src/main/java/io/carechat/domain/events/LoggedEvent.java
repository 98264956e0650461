package io.carechat.domain.events;

/** An event and its place in the log. */
public record LoggedEvent(LogPosition position, Event event) {}
