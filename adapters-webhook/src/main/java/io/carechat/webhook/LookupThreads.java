package io.carechat.webhook;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Looks names up on platform threads of its own. The system's resolver blocks the thread that asks
 * it, and a virtual thread its carrier with it: if name servers hang, some hundred calls would stop
 * every virtual thread of the process. Here they stop lookups alone. Safe for use by many threads.
 */
final class LookupThreads implements Resolver, AutoCloseable {
  private static final int MOST_AT_ONCE = 64;

  /** More than can be under way: whoever waits too long gives up by itself. */
  private static final int MOST_WAITING = 2_048;

  private final Resolver resolver;
  private final ThreadPoolExecutor threads =
      new ThreadPoolExecutor(
          MOST_AT_ONCE,
          MOST_AT_ONCE,
          30,
          TimeUnit.SECONDS,
          new LinkedBlockingQueue<>(MOST_WAITING),
          Thread.ofPlatform().daemon().name("webhook-lookup-", 0).factory());

  LookupThreads(Resolver resolver) {
    this.resolver = resolver;
    threads.allowCoreThreadTimeOut(true);
  }

  @Override
  public InetAddress[] resolve(String name) throws UnknownHostException {
    Future<InetAddress[]> lookup;
    try {
      lookup = threads.submit(() -> resolver.resolve(name));
    } catch (RejectedExecutionException full) {
      throw unknown(name, full);
    }
    try {
      return lookup.get();
    } catch (InterruptedException stop) {
      boolean _ = lookup.cancel(true);
      Thread.currentThread().interrupt();
      throw unknown(name, stop);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof UnknownHostException unknown ? unknown : unknown(name, e);
    }
  }

  private static UnknownHostException unknown(String name, Throwable cause) {
    var unknown = new UnknownHostException(name);
    unknown.initCause(cause);
    return unknown;
  }

  @Override
  public void close() {
    threads.shutdownNow();
  }
}
