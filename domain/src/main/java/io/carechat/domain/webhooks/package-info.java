/** The endpoints of webhook partners. */
@NullMarked
package io.carechat.domain.webhooks;

import org.jspecify.annotations.NullMarked;
