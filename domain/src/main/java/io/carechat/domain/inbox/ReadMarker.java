package io.carechat.domain.inbox;

import io.carechat.domain.chat.ClientType;
import io.carechat.domain.chat.ExternalId;
import io.carechat.domain.chat.Message;
import java.time.Instant;

/**
 * How far one side of a chat has read. A marker only ever moves to newer messages.
 *
 * @param side the side that has read
 * @param externalId the newest message that the side has read
 * @param createdAt the {@link Message#createdAt} of that message
 * @param readAt when the marker was moved to that message; never before the message was created
 */
public record ReadMarker(
    ClientType side, ExternalId externalId, Instant createdAt, Instant readAt) {}
