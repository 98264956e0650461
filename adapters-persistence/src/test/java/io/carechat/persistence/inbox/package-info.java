@NullMarked
package io.carechat.persistence.inbox;

import org.jspecify.annotations.NullMarked;
