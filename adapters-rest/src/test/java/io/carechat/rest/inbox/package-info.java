@NullMarked
package io.carechat.rest.inbox;

import org.jspecify.annotations.NullMarked;
