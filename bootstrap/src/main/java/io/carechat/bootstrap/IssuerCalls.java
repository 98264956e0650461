package io.carechat.bootstrap;

import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * Calls issuers. Each call ends in time, and no more of a response is read than a bound allows,
 * whatever the issuer does. Safe for use by many threads.
 */
final class IssuerCalls {
  private static final long MAX_BYTES = 256 * 1024;

  private final Duration timeout;
  private final HttpClient client;

  /**
   * @param timeout how long a whole call may take
   */
  IssuerCalls(Duration timeout, HttpClient.Redirect redirects) {
    this.timeout = timeout;
    this.client =
        HttpClient.newBuilder().connectTimeout(timeout).followRedirects(redirects).build();
  }

  /** Sends a request. The result fails if there is no complete response in time. */
  CompletableFuture<HttpResponse<String>> send(HttpRequest.Builder request) {
    CompletableFuture<HttpResponse<String>> response =
        client.sendAsync(
            request.timeout(timeout).build(),
            BodyHandlers.limiting(BodyHandlers.ofString(StandardCharsets.UTF_8), MAX_BYTES));
    // The timeout of a request ends with the headers. A body that comes slowly is aborted too.
    CompletableFuture.delayedExecutor(timeout.toMillis(), TimeUnit.MILLISECONDS)
        .execute(() -> response.cancel(true));
    return response;
  }
}
