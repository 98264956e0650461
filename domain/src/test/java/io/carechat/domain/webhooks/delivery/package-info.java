@NullMarked
package io.carechat.domain.webhooks.delivery;

import org.jspecify.annotations.NullMarked;
