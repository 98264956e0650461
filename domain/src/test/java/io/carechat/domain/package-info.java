/**
 * The tests of the domain, the fakes of its ports, and the contracts of the ports. Fakes and
 * adapters must pass the contracts alike.
 */
@NullMarked
package io.carechat.domain;

import org.jspecify.annotations.NullMarked;
