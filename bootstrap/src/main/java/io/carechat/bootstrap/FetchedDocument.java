package io.carechat.bootstrap;

import java.lang.System.Logger.Level;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A document that an issuer serves at a web address, and that is kept for a time.
 *
 * <p>Strangers, whose requests need the document, must neither make the service call the issuer
 * often nor hold up other requests. So it is fetched by one call at a time, with a pause of {@link
 * #PAUSE} between the beginnings of two calls, and only up to {@link #MAX_WAITING} requests wait
 * for a call at once. Safe for use by many threads.
 */
final class FetchedDocument<T> {
  /** The least time between the beginnings of two calls. */
  static final Duration PAUSE = Duration.ofSeconds(5);

  /** How long a call may take, and a request may wait for it. */
  static final Duration TIMEOUT = Duration.ofSeconds(2);

  /** How many requests may wait for a call at once. */
  static final int MAX_WAITING = 64;

  private static final System.Logger LOG = System.getLogger(FetchedDocument.class.getName());

  private final Kind<T> kind;
  private final URI url;
  private final LongSupplier nanos;
  private final IssuerCalls issuer;
  private final Semaphore waiting = new Semaphore(MAX_WAITING);
  private final Object calls = new Object();
  private CompletableFuture<Void> call = CompletableFuture.completedFuture(null);
  private long callBegan;
  private boolean failing;
  private volatile @Nullable Known<T> known;

  private record Known<T>(T document, long fetched) {}

  /**
   * What is fetched.
   *
   * @param name for the log, such as "keys"
   * @param accept the media types
   * @param redirects which redirects are followed
   * @param fresh if it is older when it is used, it is fetched again
   * @param maxAge it is not used any more when it is older
   * @param parser reads it
   */
  record Kind<T>(
      String name,
      String accept,
      HttpClient.Redirect redirects,
      Duration fresh,
      Duration maxAge,
      Parser<T> parser) {}

  /** Reads a document from the body of a response. */
  @FunctionalInterface
  interface Parser<T> {
    T parse(String body) throws Unusable;
  }

  /** Thrown when a response is not what it must be. Its message is for the log. */
  static final class Unusable extends Exception {
    private static final long serialVersionUID = 1;

    Unusable(String message) {
      super(message, null, false, false);
    }
  }

  /**
   * @param url where the issuer serves it
   * @param nanos a clock such as {@link System#nanoTime}
   */
  FetchedDocument(Kind<T> kind, URI url, LongSupplier nanos) {
    this.kind = kind;
    this.url = url;
    this.nanos = nanos;
    this.issuer = new IssuerCalls(TIMEOUT, kind.redirects());
    this.callBegan = nanos.getAsLong() - PAUSE.toNanos();
  }

  /** Begins to fetch the document, and does not wait for it. */
  void begin() {
    CompletableFuture<Void> _ = fetchUnlessRecent();
  }

  /** Returns the document without waiting for it; empty if it is not known, or too old. */
  Optional<T> known() {
    Known<T> now = known;
    if (now == null || isOlder(now.fetched(), kind.maxAge())) {
      return Optional.empty();
    }
    if (isOlder(now.fetched(), kind.fresh())) {
      begin();
    }
    return Optional.of(now.document());
  }

  /**
   * Fetches the document again, unless that was just tried, and waits for it.
   *
   * @return the newest that is known; empty if there is none, or it is too old
   */
  Optional<T> fetched() {
    await(fetchUnlessRecent());
    return known();
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
      LOG.log(Level.DEBUG, "A document of an issuer did not come in time", stillUnknown);
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
    return issuer
        .send(HttpRequest.newBuilder(url).header("Accept", kind.accept()))
        .handle((answer, failure) -> {
          if (answer == null) {
            failed(nameOf(failure));
            return null;
          }
          try {
            known = new Known<>(parsed(answer), nanos.getAsLong());
            succeeded();
          } catch (Unusable e) {
            failed(String.valueOf(e.getMessage()));
          }
          return null;
        });
  }

  private static String nameOf(@Nullable Throwable failure) {
    // What went wrong is the cause of a CompletionException.
    Throwable cause =
        failure == null ? null : Objects.requireNonNullElse(failure.getCause(), failure);
    return cause == null ? "no response" : cause.getClass().getSimpleName();
  }

  private T parsed(HttpResponse<String> answer) throws Unusable {
    if (answer.statusCode() != 200) {
      throw new Unusable("the status is " + answer.statusCode());
    }
    return kind.parser().parse(answer.body());
  }

  /** Once for each outage: an outage may last for hours. */
  private void failed(String why) {
    if (changesTo(true)) {
      LOG.log(
          Level.WARNING,
          "The {0} of the issuer at {1} cannot be fetched ({2}). They are used for {3} after they were last"
              + " fetched; tries again when they are needed",
          kind.name(),
          url.getHost(),
          why,
          kind.maxAge());
    }
  }

  private void succeeded() {
    if (changesTo(false)) {
      LOG.log(
          Level.INFO,
          "The {0} of the issuer at {1} can be fetched again",
          kind.name(),
          url.getHost());
    }
  }

  private boolean changesTo(boolean fails) {
    synchronized (calls) {
      boolean changes = fails != failing;
      failing = fails;
      return changes;
    }
  }
}
