package io.carechat.domain.sessions;

import io.carechat.domain.access.Caller;
import io.carechat.domain.chat.Secret;
import java.time.Instant;

/**
 * A person who is signed in with a browser.
 *
 * @param caller who it is; a patient or a member of the care team
 * @param csrfToken what the page sends with every request that changes something, and another site
 *     cannot know
 * @param idleEnd when the session ends unless the person does something before
 * @param end when the session ends in any case
 */
public record Session(Caller caller, Secret csrfToken, Instant idleEnd, Instant end) {}
