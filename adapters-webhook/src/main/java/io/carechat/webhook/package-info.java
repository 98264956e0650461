/**
 * Calls the webhook endpoints of partners. Other modules use only {@link HttpWebhookSender}, and
 * the {@link AddressPolicy} that decides which addresses it may call.
 *
 * <p>HTTP is that of Apache HttpClient 5. This package adds what a hostile endpoint makes
 * necessary, by the hooks of the library:
 *
 * <ul>
 *   <li>A partner chooses the URL, so {@link WebhookCall} resolves the host once and checks every
 *       address. The library connects to exactly the addresses that were checked ({@link
 *       WebhookConnections}), and TLS still verifies the host name.
 *   <li>A deadline for the whole call cancels it, whatever it is waiting for.
 *   <li>{@link WebhookConnection} limits the bytes of a response and refuses incomplete ones.
 * </ul>
 *
 * <p>Only the pool and the protocol of the library are used, not its client. So there are no
 * redirects, retries, cookies, authentication, proxies or decompression that would have to be
 * switched off, and no header is added to a request.
 */
@NullMarked
package io.carechat.webhook;

import org.jspecify.annotations.NullMarked;
