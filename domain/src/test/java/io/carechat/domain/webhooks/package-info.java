@NullMarked
package io.carechat.domain.webhooks;

import org.jspecify.annotations.NullMarked;
