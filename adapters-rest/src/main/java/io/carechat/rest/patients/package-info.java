/** The contract's operations that let patients in. */
@NullMarked
package io.carechat.rest.patients;

import org.jspecify.annotations.NullMarked;
