/**
 * Everything that is needed to try the service on one machine: databases, a tenant with
 * conversations, and a webhook receiver.
 */
@NullMarked
package io.carechat.demo;

import org.jspecify.annotations.NullMarked;
