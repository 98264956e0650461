/**
 * What the generated code shares: the contract at run time, checking a request against it, the
 * refusals, the routes and the JSON of the wire.
 */
@NullMarked
package io.carechat.api.runtime;
import org.jspecify.annotations.NullMarked;
