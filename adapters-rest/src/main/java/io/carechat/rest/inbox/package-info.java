/** The operations on chats: list, get and mark as read. */
@NullMarked
package io.carechat.rest.inbox;

import org.jspecify.annotations.NullMarked;
