/** What shows others that records were not changed: signatures of this installation. */
@NullMarked
package io.carechat.domain.evidence;

import org.jspecify.annotations.NullMarked;
