/** Tests of {@link io.carechat.domain.audit}. */
@NullMarked
package io.carechat.domain.audit;

import org.jspecify.annotations.NullMarked;
