/** What an operator has to know of the database. */
@NullMarked
package io.carechat.persistence.figures;

import org.jspecify.annotations.NullMarked;
