/** The audit: what responses show, and the operations that show the audit. */
@NullMarked
package io.carechat.rest.audit;

import org.jspecify.annotations.NullMarked;
