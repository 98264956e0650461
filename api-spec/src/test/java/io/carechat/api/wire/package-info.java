/** Connections on which a test sends what no ordinary client would send. */
@NullMarked
package io.carechat.api.wire;

import org.jspecify.annotations.NullMarked;
