/** The service as it runs, on real servers: what the tests of this module talk to. */
@NullMarked
package io.carechat.contracttests.running;

import org.jspecify.annotations.NullMarked;
