/**
 * The shared kernel: the types that all other packages use. It says whose chat something belongs
 * to, who sends, and what a message is.
 */
@NullMarked
package io.carechat.domain.chat;

import org.jspecify.annotations.NullMarked;
