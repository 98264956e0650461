/** Searching in one chat, and in all chats of an instance. */
@NullMarked
package io.carechat.domain.search;

import org.jspecify.annotations.NullMarked;
