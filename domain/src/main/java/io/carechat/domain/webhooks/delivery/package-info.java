/**
 * Delivering events to endpoints: planning, claiming, calling and retrying. Also the history that
 * partners read.
 */
@NullMarked
package io.carechat.domain.webhooks.delivery;

import org.jspecify.annotations.NullMarked;
