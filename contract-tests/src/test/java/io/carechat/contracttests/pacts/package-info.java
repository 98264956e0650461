/**
 * What our partners' programs need from us, as pacts. There are three consumers, and a verification
 * that the real service keeps these pacts. The provider states are those of {@link
 * io.carechat.contracttests.pacts.ProviderStates}. Partners use them in their own pacts.
 */
@NullMarked
package io.carechat.contracttests.pacts;

import org.jspecify.annotations.NullMarked;
