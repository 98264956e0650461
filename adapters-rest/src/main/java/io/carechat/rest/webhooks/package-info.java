/** The operations on webhook endpoints and their deliveries. */
@NullMarked
package io.carechat.rest.webhooks;

import org.jspecify.annotations.NullMarked;
