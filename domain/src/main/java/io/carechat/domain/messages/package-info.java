/** Sending and finding messages. */
@NullMarked
package io.carechat.domain.messages;

import org.jspecify.annotations.NullMarked;
