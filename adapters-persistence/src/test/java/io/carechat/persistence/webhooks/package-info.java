@NullMarked
package io.carechat.persistence.webhooks;

import org.jspecify.annotations.NullMarked;
