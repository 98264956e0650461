/**
 * What our partners' programs need of us, as pacts: three consumers, and the verification that the
 * real service keeps what they were promised. The provider states are those of {@link
 * io.carechat.contracttests.pacts.ProviderStates}, which partners use in pacts of their own.
 */
@NullMarked
package io.carechat.contracttests.pacts;

import org.jspecify.annotations.NullMarked;
