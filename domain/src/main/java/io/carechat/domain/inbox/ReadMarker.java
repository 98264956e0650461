package io.carechat.domain.inbox;

import io.carechat.domain.chat.ClientType;
import io.carechat.domain.chat.ExternalId;
import io.carechat.domain.chat.Message;
import java.time.Instant;

/**
 * How far a side of a chat has read. It only ever moves to newer messages.
 *
 * @param side who read
 * @param externalId the newest message that the side has read
 * @param createdAt that message's {@link Message#createdAt}
 * @param readAt when the marker came to that message; never before the message was created
 */
public record ReadMarker(
    ClientType side, ExternalId externalId, Instant createdAt, Instant readAt) {}
