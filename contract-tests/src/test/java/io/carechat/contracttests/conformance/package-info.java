/**
 * What the product promises to keep of the document that it started from, whose examples are
 * fixtures here.
 */
@NullMarked
package io.carechat.contracttests.conformance;

import org.jspecify.annotations.NullMarked;
