/** Sending messages and finding them. */
@NullMarked
package io.carechat.domain.messages;

import org.jspecify.annotations.NullMarked;
