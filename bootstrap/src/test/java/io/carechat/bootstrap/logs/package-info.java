/** Tests of the log. */
@NullMarked
package io.carechat.bootstrap.logs;

import org.jspecify.annotations.NullMarked;
