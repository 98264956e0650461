package io.carechat.bootstrap;

import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import io.carechat.domain.chat.Unavailable;
import java.lang.System.Logger.Level;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.text.ParseException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The keys that an issuer serves at a web address.
 *
 * <p>Tokens of strangers, whose signatures cannot be checked yet, must neither make the service
 * call the issuer often nor hold up other requests. So the keys are fetched by one call at a time,
 * with a pause of {@link #PAUSE} between the beginnings of two calls. A key that is known is used
 * without waiting, also while the issuer is unavailable, for up to {@link #MAX_AGE} after the last
 * success. Only a token with an unknown key waits for a call, and only up to {@link #MAX_WAITING}
 * of these wait at once. A token with a new key of the issuer is therefore valid after one pause at
 * the latest.
 */
final class FetchedKeys implements IssuerKeys {
  /** The least time between the beginnings of two calls. */
  static final Duration PAUSE = Duration.ofSeconds(5);

  /** The keys are fetched again when they are older, while they are used. */
  static final Duration FRESH = Duration.ofMinutes(5);

  /** The keys are not used any more when they are older. */
  static final Duration MAX_AGE = Duration.ofHours(4);

  /** How long a call may take, and a request may wait for it. */
  static final Duration TIMEOUT = Duration.ofSeconds(2);

  /** How many requests may wait for a call at once. */
  static final int MAX_WAITING = 64;

  private static final long MAX_BYTES = 256 * 1024;
  private static final System.Logger LOG = System.getLogger(FetchedKeys.class.getName());

  private final URI url;
  private final LongSupplier nanos;
  private final HttpClient client =
      HttpClient.newBuilder()
          .connectTimeout(TIMEOUT)
          .followRedirects(HttpClient.Redirect.NORMAL)
          .build();
  private final Semaphore waiting = new Semaphore(MAX_WAITING);
  private final Object calls = new Object();
  private CompletableFuture<Void> call = CompletableFuture.completedFuture(null);
  private long callBegan;
  private boolean failing;
  private volatile @Nullable Known known;

  private record Known(JWKSet keys, long fetched) {}

  /**
   * Begins to fetch the keys.
   *
   * @param url where the issuer serves them
   * @param nanos a clock such as {@link System#nanoTime}
   */
  FetchedKeys(URI url, LongSupplier nanos) {
    this.url = url;
    this.nanos = nanos;
    this.callBegan = nanos.getAsLong() - PAUSE.toNanos();
    CompletableFuture<Void> _ = fetchUnlessRecent();
  }

  @Override
  public List<JWK> of(JWSHeader header) {
    Known usable = usable();
    if (usable != null) {
      List<JWK> keys = IssuerKeys.select(usable.keys(), header);
      if (!keys.isEmpty()) {
        if (isOlder(usable.fetched(), FRESH)) {
          CompletableFuture<Void> _ = fetchUnlessRecent();
        }
        return keys;
      }
    }
    await(fetchUnlessRecent());
    Known fetched = usable();
    if (fetched == null) {
      throw new Unavailable("The keys of an issuer cannot be fetched", PAUSE);
    }
    return IssuerKeys.select(fetched.keys(), header);
  }

  private @Nullable Known usable() {
    Known now = known;
    return now == null || isOlder(now.fetched(), MAX_AGE) ? null : now;
  }

  private boolean isOlder(long since, Duration age) {
    return nanos.getAsLong() - since >= age.toNanos();
  }

  private void await(CompletableFuture<Void> fetching) {
    if (fetching.isDone() || !waiting.tryAcquire()) {
      return;
    }
    try {
      Void _ = fetching.get(TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | TimeoutException stillUnknown) {
      LOG.log(Level.DEBUG, "The keys of an issuer did not come in time", stillUnknown);
    } finally {
      waiting.release();
    }
  }

  /** Returns the call that is under way, a new one, or the last one if that was just made. */
  private CompletableFuture<Void> fetchUnlessRecent() {
    synchronized (calls) {
      if (call.isDone() && isOlder(callBegan, PAUSE)) {
        callBegan = nanos.getAsLong();
        call = fetch();
      }
      return call;
    }
  }

  private CompletableFuture<Void> fetch() {
    HttpRequest request =
        HttpRequest.newBuilder(url)
            .timeout(TIMEOUT)
            .header("Accept", "application/jwk-set+json, application/json")
            .build();
    CompletableFuture<HttpResponse<String>> response =
        client.sendAsync(
            request,
            BodyHandlers.limiting(BodyHandlers.ofString(StandardCharsets.UTF_8), MAX_BYTES));
    // The timeout of a request ends with the headers. A body that comes slowly is aborted too.
    CompletableFuture.delayedExecutor(TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)
        .execute(() -> response.cancel(true));
    return response.handle((answer, failure) -> {
      JWKSet keys = answer == null ? null : keys(answer);
      if (keys != null) {
        known = new Known(keys, nanos.getAsLong());
      }
      logChange(keys == null, failure);
      return null;
    });
  }

  private static @Nullable JWKSet keys(HttpResponse<String> answer) {
    if (answer.statusCode() != 200) {
      return null;
    }
    try {
      JWKSet keys = JWKSet.parse(answer.body());
      return keys.isEmpty() ? null : keys;
    } catch (ParseException | RuntimeException notKeys) {
      LOG.log(Level.DEBUG, "An issuer did not serve a set of keys", notKeys);
      return null;
    }
  }

  /** Once for each outage: an outage may last for hours. */
  private void logChange(boolean fails, @Nullable Throwable failure) {
    synchronized (calls) {
      if (fails == failing) {
        return;
      }
      failing = fails;
    }
    if (fails) {
      LOG.log(
          Level.WARNING,
          "The keys of the issuer at {0} cannot be fetched ({1}). Known keys are used for {2} hours"
              + " more; tries again until it works",
          url.getHost(),
          failure == null
              ? "the response is not a set of keys"
              : failure.getClass().getSimpleName(),
          MAX_AGE.toHours());
    } else {
      LOG.log(Level.INFO, "The keys of the issuer at {0} can be fetched again", url.getHost());
    }
  }
}
