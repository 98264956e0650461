/**
 * What the generated code uses: the contract at run time, the check of requests against it, the
 * errors of that check, the routes, and reading and writing JSON.
 */
@NullMarked
package io.carechat.api.runtime;

import org.jspecify.annotations.NullMarked;
