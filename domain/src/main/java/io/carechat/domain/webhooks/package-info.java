/** The webhook endpoints of partners: their subscriptions, secrets and storage. */
@NullMarked
package io.carechat.domain.webhooks;

import org.jspecify.annotations.NullMarked;
