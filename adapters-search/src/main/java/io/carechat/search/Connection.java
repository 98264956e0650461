package io.carechat.search;

import co.elastic.clients.elasticsearch.ElasticsearchClient;
import co.elastic.clients.elasticsearch._types.ElasticsearchException;
import co.elastic.clients.json.jackson.JacksonJsonpMapper;
import co.elastic.clients.transport.TransportException;
import co.elastic.clients.transport.rest5_client.Rest5ClientOptions;
import co.elastic.clients.transport.rest5_client.Rest5ClientTransport;
import co.elastic.clients.transport.rest5_client.low_level.RequestOptions;
import co.elastic.clients.transport.rest5_client.low_level.ResponseException;
import co.elastic.clients.transport.rest5_client.low_level.Rest5Client;
import co.elastic.clients.transport.rest5_client.low_level.Rest5ClientBuilder;
import co.elastic.clients.util.BinaryData;
import io.carechat.domain.chat.Unavailable;
import io.carechat.search.ElasticsearchIndex.Login;
import io.carechat.search.ElasticsearchIndex.Settings;
import jakarta.json.JsonException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.message.BasicHeader;
import org.apache.hc.core5.reactor.IOReactorConfig;
import org.apache.hc.core5.util.TimeValue;
import org.apache.hc.core5.util.Timeout;
import org.jspecify.annotations.Nullable;

/**
 * Calls Elasticsearch, and turns whatever may go wrong with it into {@link Unavailable}. What that
 * says is safe to log: it repeats nothing that Elasticsearch says beyond the kind of an error,
 * since the rest may quote what was searched for. Safe for use by many threads.
 */
final class Connection implements AutoCloseable {
  private static final Duration RETRY_AFTER = Duration.ofSeconds(2);

  /** Often enough to see that a time is over. */
  private static final TimeValue LOOKING = TimeValue.ofMilliseconds(100);

  private final ElasticsearchClient searching;
  private final ElasticsearchClient indexing;

  /** One call; it may throw what the client throws. */
  @FunctionalInterface
  interface Call<T> {
    T on(ElasticsearchClient client) throws IOException;
  }

  /**
   * @param refuseWarnings whether a call fails to which Elasticsearch says these warnings, such as
   *     that it will not understand it much longer
   */
  Connection(Settings settings, Predicate<List<String>> refuseWarnings) {
    // Two, because a time to wait that is set for a single request is not kept by this client.
    this.searching = client(settings, settings.answering(), refuseWarnings);
    this.indexing = client(settings, settings.indexing(), refuseWarnings);
  }

  private static ElasticsearchClient client(
      Settings settings, Duration answering, Predicate<List<String>> refuseWarnings) {
    RequestOptions.Builder options = RequestOptions.DEFAULT.toBuilder();
    options.setWarningsHandler(refuseWarnings::test);
    return new ElasticsearchClient(
        new Rest5ClientTransport(
            http(settings, answering),
            new JacksonJsonpMapper(),
            new Rest5ClientOptions.Builder(options).build()));
  }

  private static Rest5Client http(Settings settings, Duration answering) {
    Rest5ClientBuilder builder =
        Rest5Client.builder(settings.url())
            .setConnectionConfigCallback(c ->
                c.setConnectTimeout(Timeout.of(settings.connecting()))
                    .setSocketTimeout(Timeout.of(answering)))
            .setRequestConfigCallback(c ->
                c.setConnectionRequestTimeout(Timeout.of(settings.answering()))
                    .setResponseTimeout(Timeout.of(answering)))
            .setConnectionManagerCallback(c ->
                c.setMaxConnPerRoute(settings.connections())
                    .setMaxConnTotal(settings.connections()))
            // It would wait and try once more where Elasticsearch says that it is busy.
            .setHttpClientConfigCallback(c ->
                c.disableAutomaticRetries()
                    .setIOReactorConfig(
                        IOReactorConfig.custom().setSelectInterval(LOOKING).build()));
    Login login = settings.login();
    if (login != null) {
      builder.setDefaultHeaders(
          new Header[] {new BasicHeader("Authorization", credentials(login))});
    }
    return builder.build();
  }

  private static String credentials(Login login) {
    return switch (login) {
      case Login.ApiKey(var key) -> "ApiKey " + key.value();
      case Login.Password(String user, var password) ->
          "Basic "
              + Base64.getEncoder()
                  .encodeToString((user + ":" + password.value()).getBytes(StandardCharsets.UTF_8));
    };
  }

  /** A document as it is sent. */
  BinaryData json(Object document) {
    return BinaryData.of(document, indexing._jsonpMapper());
  }

  /**
   * Makes a call that somebody waits for.
   *
   * @return null if the answer has one of the statuses, which then is no failure
   * @throws Unavailable if it fails
   */
  <T> @Nullable T callUnless(Set<Integer> statuses, Call<T> call) {
    return call(searching, statuses, call);
  }

  /** As {@link #callUnless}, but with more time. */
  <T> @Nullable T callPatientlyUnless(int status, Call<T> call) {
    return call(indexing, Set.of(status), call);
  }

  private static <T> @Nullable T call(
      ElasticsearchClient client, Set<Integer> statuses, Call<T> call) {
    try {
      return call.on(client);
    } catch (ElasticsearchException e) {
      if (statuses.contains(e.status())) {
        return null;
      }
      throw new Unavailable(
          "Elasticsearch responded with " + e.status() + " " + e.error().type(), RETRY_AFTER);
    } catch (ResponseException e) {
      if (statuses.contains(e.getResponse().getStatusCode())) {
        return null;
      }
      // What the client makes of 502, 503 and 504. It quotes the answer.
      throw new Unavailable(
          "Elasticsearch responded with " + e.getResponse().getStatusCode(), RETRY_AFTER);
    } catch (TransportException e) {
      // It may quote the answer.
      throw new Unavailable("Elasticsearch sent a response that makes no sense", RETRY_AFTER);
    } catch (JsonException e) {
      throw new Unavailable(
          "Elasticsearch sent a response that is not the expected JSON", RETRY_AFTER);
    } catch (IOException e) {
      throw new Unavailable("Elasticsearch is unavailable", RETRY_AFTER, e);
    }
  }

  @Override
  public void close() {
    try (searching;
        indexing) {
      // Both, whatever happens to one.
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
