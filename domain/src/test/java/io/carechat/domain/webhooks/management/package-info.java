@NullMarked
package io.carechat.domain.webhooks.management;

import org.jspecify.annotations.NullMarked;
