@NullMarked
package io.carechat.persistence.webhooks.delivery;

import org.jspecify.annotations.NullMarked;
