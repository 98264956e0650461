package io.carechat.demo;

import io.carechat.bootstrap.Carechat;
import io.carechat.bootstrap.Settings;
import io.carechat.domain.access.Credentials;
import io.carechat.domain.chat.TimeOrderedIds;
import io.carechat.domain.messages.PatientChats;
import io.carechat.domain.search.ChatSearch;
import io.carechat.domain.search.InstanceSearch;
import io.carechat.persistence.PostgresStorage;
import io.carechat.rest.ChatApi;
import io.carechat.rest.UseCases;
import io.carechat.rest.connections.ServerLimits;
import io.carechat.rest.events.StreamLimits;
import io.carechat.rest.http.Metrics;
import io.carechat.rest.http.RateLimits;
import io.carechat.rest.meta.Readiness;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;

/**
 * Two more servers of the service's API, on the same data. One has a log and an index that
 * misbehave for the patients of {@link Scenario}. The other has a rate limit that is soon reached.
 * Both run the service's own code, so their refusals are the real ones.
 */
final class Sandbox implements AutoCloseable {
  /** How long a response of {@link Scenario#SLOW} takes. */
  static final Duration SLOWNESS = Duration.ofSeconds(5);

  /** The limit of {@link Scenario#RATE_LIMIT}. */
  static final RateLimits.Limit LIMIT = new RateLimits.Limit(5, Duration.ofSeconds(10));

  private static final String HOST = "127.0.0.1";

  private final Closeables parts = new Closeables();
  private final ChatApi misbehaving;
  private final ChatApi limited;

  /**
   * Serves on the two ports after the service's. If a port is taken, it uses another one.
   *
   * @param useCases the use cases of the service
   */
  static Sandbox start(Settings settings, UseCases useCases) {
    return new Sandbox(settings, useCases);
  }

  private Sandbox(Settings settings, UseCases useCases) {
    InstantSource clock = InstantSource.system();
    var ids = new TimeOrderedIds(clock, new SecureRandom());
    try {
      PostgresStorage storage =
          parts.add(Carechat.openStorage(settings.database(), clock, () -> {}));
      var index = parts.add(Carechat.openIndex(settings.search(), ids));
      Credentials credentials = Carechat.credentials(settings, clock);
      Readiness readiness =
          () -> {
            boolean ready = storage.isReady();
            return new Readiness.State(ready, List.of(new Readiness.Check("database", ready)));
          };
      var log = new MisbehavingLog(storage.messages(), SLOWNESS);
      var ordinary =
          new RateLimits.Limit(settings.rateLimit().requestsPerMinute(), Duration.ofMinutes(1));
      misbehaving =
          parts.add(
              ChatApi.start(
                  at(settings.http().port(), 1, ordinary),
                  useCases.with(
                      new PatientChats(log, ids),
                      new ChatSearch(log, new MisbehavingIndex(index)),
                      new InstanceSearch(log, new MisbehavingIndex(index))),
                  credentials,
                  readiness,
                  new NoFigures(),
                  clock));
      limited =
          parts.add(
              ChatApi.start(
                  at(settings.http().port(), 2, LIMIT),
                  useCases,
                  credentials,
                  readiness,
                  new NoFigures(),
                  clock));
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  /** Ignores all metrics: what happens in a sandbox is not worth counting. */
  private static final class NoFigures implements Metrics {
    @Override
    public void answered(String operation, int status) {}

    @Override
    public byte[] exposition() {
      return new byte[0];
    }
  }

  private static ChatApi.Settings at(int port, int next, RateLimits.Limit limit) {
    return new ChatApi.Settings(
        HOST,
        portAfter(port, next),
        new RateLimits(limit, RateLimits.DEFAULT.failures()),
        ServerLimits.DEFAULT,
        StreamLimits.DEFAULT);
  }

  /** Returns a port some numbers after another one, or 0 if that is taken or the other one is 0. */
  static int portAfter(int port, int next) {
    return port > 0 && isFree(port + next) ? port + next : 0;
  }

  private static boolean isFree(int port) {
    try (var probe = new ServerSocket()) {
      probe.setReuseAddress(true);
      probe.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      return true;
    } catch (IOException | IllegalArgumentException e) {
      // The port is taken, or the number is too high for a port.
      return false;
    }
  }

  /** The port for the scenarios of patients. */
  int port() {
    return misbehaving.port();
  }

  /** The port for {@link Scenario#RATE_LIMIT}. */
  int limitedPort() {
    return limited.port();
  }

  @Override
  public void close() {
    parts.close();
  }
}
