/**
 * Everything that is needed to try the service on one machine: databases, a tenant with
 * conversations, an issuer at which people sign in, and a webhook receiver.
 */
@NullMarked
package io.carechat.demo;

import org.jspecify.annotations.NullMarked;
