/** The tests of the webhook sender, against receivers that behave and receivers that don't. */
@NullMarked
package io.carechat.webhook;

import org.jspecify.annotations.NullMarked;
