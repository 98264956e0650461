@NullMarked
package io.carechat.domain.inbox;

import org.jspecify.annotations.NullMarked;
