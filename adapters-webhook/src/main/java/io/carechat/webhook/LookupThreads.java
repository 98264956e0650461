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
 * Resolves names on a limited number of platform threads. The system's resolver blocks its caller,
 * and with a virtual thread also the carrier thread. So if name servers did not answer, some
 * hundred calls could block every virtual thread of the process. Here they block only other
 * lookups. Safe for use by many threads.
 */
final class LookupThreads implements Resolver, AutoCloseable {
  private static final int MAX_THREADS = 64;

  /** How many lookups may wait for a thread; further ones fail at once. */
  private static final int MAX_WAITING = 2_048;

  private final Resolver resolver;
  private final ThreadPoolExecutor threads =
      new ThreadPoolExecutor(
          MAX_THREADS,
          MAX_THREADS,
          30,
          TimeUnit.SECONDS,
          new LinkedBlockingQueue<>(MAX_WAITING),
          Thread.ofPlatform().daemon().name("webhook-lookup-", 0).factory());

  /**
   * @param resolver does the lookups
   */
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

  /** Interrupts the lookups. Later ones fail. */
  @Override
  public void close() {
    threads.shutdownNow();
  }
}
