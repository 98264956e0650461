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
 * Calls Elasticsearch, and turns everything that may go wrong with it into {@link Unavailable}. The
 * message of that exception is safe to log. Of what Elasticsearch says, it repeats only the kind of
 * an error, because the rest may quote what somebody searched for. Safe for use by many threads.
 */
final class Connection implements AutoCloseable {
  private static final Duration RETRY_AFTER = Duration.ofSeconds(2);

  /** How often the client checks for timeouts. This is often enough to notice one in time. */
  private static final TimeValue LOOKING = TimeValue.ofMilliseconds(100);

  private final ElasticsearchClient searching;
  private final ElasticsearchClient indexing;

  /** One call; it may throw what the client throws. */
  @FunctionalInterface
  interface Call<T> {
    T on(ElasticsearchClient client) throws IOException;
  }

  /**
   * @param refuseWarnings decides whether a call fails because of the warnings in its response. A
   *     warning may say, for example, that Elasticsearch will soon not understand such a call any
   *     more.
   */
  Connection(Settings settings, Predicate<List<String>> refuseWarnings) {
    // There are two clients, because this client ignores a timeout that is set for a single
    // request.
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
            // Otherwise the client would wait and retry once when Elasticsearch says that it is
            // busy.
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

  /** Makes a document into the JSON that is sent. */
  BinaryData json(Object document) {
    return BinaryData.of(document, indexing._jsonpMapper());
  }

  /**
   * Makes a call that somebody waits for.
   *
   * @return null if the response has one of these statuses; this is not a failure
   * @throws Unavailable if the call fails
   */
  <T> @Nullable T callUnless(Set<Integer> statuses, Call<T> call) {
    return call(searching, statuses, call);
  }

  /** Like {@link #callUnless}, but with a longer timeout. */
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
      // The client throws this for 502, 503 and 504. The exception quotes the response.
      throw new Unavailable(
          "Elasticsearch responded with " + e.getResponse().getStatusCode(), RETRY_AFTER);
    } catch (TransportException e) {
      // The exception may quote the response.
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
      // Closes both, even if closing one of them fails.
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
