/** The chats of an instance, and what each side has read. */
@NullMarked
package io.carechat.domain.inbox;

import org.jspecify.annotations.NullMarked;
