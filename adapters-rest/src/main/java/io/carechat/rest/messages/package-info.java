/** The operations on messages: send, find, get and search. */
@NullMarked
package io.carechat.rest.messages;

import org.jspecify.annotations.NullMarked;
