/** The audit: what was asked with which credential, how it ended, and what was shown. */
@NullMarked
package io.carechat.domain.audit;

import org.jspecify.annotations.NullMarked;
