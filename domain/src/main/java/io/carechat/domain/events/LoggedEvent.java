package io.carechat.domain.events;

/**
 * An event in the log.
 *
 * @param position the position of the event in the log
 * @param event the event
 */
public record LoggedEvent(LogPosition position, Event event) {}
