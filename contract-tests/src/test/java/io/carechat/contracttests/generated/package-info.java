/**
 * Requests that the contract does not show, made of it at random and sent to the running service:
 * whatever comes, it answers as the contract describes it, and goes on.
 */
@NullMarked
package io.carechat.contracttests.generated;

import org.jspecify.annotations.NullMarked;
