/**
 * What receiving webhooks has to withstand, by the vectors that every language's receivers are
 * tested with.
 */
@NullMarked
package io.carechat.client.webhook;

import org.jspecify.annotations.NullMarked;
