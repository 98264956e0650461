/** The key that signs the audit's checkpoints, and the file in which they are kept. */
@NullMarked
package io.carechat.bootstrap.evidence;

import org.jspecify.annotations.NullMarked;
