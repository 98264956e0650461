/**
 * Requests that the contract does not show. They are made at random from the contract, and sent to
 * the running service. Whatever it gets, the service answers as the contract describes, and keeps
 * working.
 */
@NullMarked
package io.carechat.contracttests.generated;

import org.jspecify.annotations.NullMarked;
