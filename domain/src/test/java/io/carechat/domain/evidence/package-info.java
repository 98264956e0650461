@NullMarked
package io.carechat.domain.evidence;

import org.jspecify.annotations.NullMarked;
