/** The running service on real servers, which the tests of this module call. */
@NullMarked
package io.carechat.contracttests.running;

import org.jspecify.annotations.NullMarked;
