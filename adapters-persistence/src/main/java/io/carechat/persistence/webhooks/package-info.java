/** Webhook endpoints in PostgreSQL, with their secrets encrypted. */
@NullMarked
package io.carechat.persistence.webhooks;

import org.jspecify.annotations.NullMarked;
