/**
 * Everything on one machine, to try the service with: databases, a tenant with conversations, and a
 * webhook receiver.
 */
@NullMarked
package io.carechat.demo;

import org.jspecify.annotations.NullMarked;
