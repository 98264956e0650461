/**
 * The Java client, generated from the contract. Give the credential with {@code
 * ApiClient.setRequestInterceptor}, as the header {@code X-API-KEY} or {@code Authorization}. An
 * answer of 400 or more is an {@code ApiException} with the status, the headers and the problem as
 * text. Values that a later version of the service adds to {@code clientType} read as {@code
 * UNKNOWN_DEFAULT_OPEN_API}, and members it adds are ignored.
 *
 * <p>The generator's code does not say where null may be, so this package is not null-marked.
 */
package io.carechat.client;
