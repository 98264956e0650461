/** The words that every other package uses: whose chat it is, who sends, and what a message is. */
@NullMarked
package io.carechat.domain.chat;

import org.jspecify.annotations.NullMarked;
