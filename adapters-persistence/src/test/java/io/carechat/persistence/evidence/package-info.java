@NullMarked
package io.carechat.persistence.evidence;

import org.jspecify.annotations.NullMarked;
