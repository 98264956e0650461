/** Creating, changing, testing and deleting endpoints. */
@NullMarked
package io.carechat.domain.webhooks.management;

import org.jspecify.annotations.NullMarked;
