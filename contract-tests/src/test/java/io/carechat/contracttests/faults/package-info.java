/**
 * The promises of reliability, tested in their short form. Real processes are killed under load. A
 * journal that is kept outside of them says what must exist afterwards.
 */
@NullMarked
package io.carechat.contracttests.faults;

import org.jspecify.annotations.NullMarked;
