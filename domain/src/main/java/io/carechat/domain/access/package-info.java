/** Who calls, and what a credential allows. */
@NullMarked
package io.carechat.domain.access;

import org.jspecify.annotations.NullMarked;
