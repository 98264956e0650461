/** Tests of {@link io.carechat.domain.sessions}. */
@NullMarked
package io.carechat.domain.sessions;

import org.jspecify.annotations.NullMarked;
