/**
 * Calls partners' webhook endpoints: {@link HttpWebhookSender} is all that is seen from outside,
 * with the {@link AddressPolicy} that says where it may call.
 *
 * <p>It speaks HTTP/1.1 over sockets of its own, because an endpoint's address is chosen by a
 * partner and three things must hold that the clients at hand do not give together: the connection
 * goes to the very address that was checked while TLS still verifies the name (the JDK's client
 * resolves names itself); a whole exchange is bounded in time and bytes (Helidon's client bounds
 * single reads, so a byte a second holds it for ever); and a connection is closed whatever the
 * endpoint answers.
 */
@NullMarked
package io.carechat.webhook;
import org.jspecify.annotations.NullMarked;
