@NullMarked
package io.carechat.rest.webhooks;

import org.jspecify.annotations.NullMarked;
