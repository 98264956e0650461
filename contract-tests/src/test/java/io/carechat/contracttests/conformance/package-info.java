/**
 * What the product promises to keep from the document that it started from. The document's examples
 * are fixtures here.
 */
@NullMarked
package io.carechat.contracttests.conformance;

import org.jspecify.annotations.NullMarked;
