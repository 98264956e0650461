/**
 * The promises of reliability, in their short form: real processes are killed under load, and a
 * journal kept outside of them says what must be there afterwards.
 */
@NullMarked
package io.carechat.contracttests.faults;

import org.jspecify.annotations.NullMarked;
