@NullMarked
package io.carechat.bootstrap.evidence;

import org.jspecify.annotations.NullMarked;
