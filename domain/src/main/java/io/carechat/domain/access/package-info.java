/** Who calls, and what the caller's credential allows. */
@NullMarked
package io.carechat.domain.access;

import org.jspecify.annotations.NullMarked;
