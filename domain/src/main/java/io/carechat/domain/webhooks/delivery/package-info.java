/**
 * Delivering events to endpoints: planning, claiming, calling, retrying, and the history that
 * partners read.
 */
@NullMarked
package io.carechat.domain.webhooks.delivery;

import org.jspecify.annotations.NullMarked;
