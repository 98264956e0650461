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
import io.carechat.domain.Unavailable;
import io.carechat.search.ElasticsearchIndex.Login;
import io.carechat.search.ElasticsearchIndex.Settings;
import jakarta.json.JsonException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.function.Predicate;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.message.BasicHeader;
import org.apache.hc.core5.util.Timeout;
import org.jspecify.annotations.Nullable;

/**
 * Calls Elasticsearch, and turns whatever may go wrong with it into {@link Unavailable}. What that
 * says is safe to log: it repeats nothing that Elasticsearch says beyond the kind of an error,
 * since the rest may quote what was searched for. Safe for use by many threads.
 */
final class Connection implements AutoCloseable {
  private static final Duration RETRY_AFTER = Duration.ofSeconds(2);

  private final Rest5Client http;
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
    this.http = http(settings);
    var transport =
        new Rest5ClientTransport(
            http,
            new JacksonJsonpMapper(),
            options(settings, settings.answering(), refuseWarnings));
    this.searching = new ElasticsearchClient(transport);
    this.indexing =
        searching.withTransportOptions(options(settings, settings.indexing(), refuseWarnings));
  }

  private static Rest5Client http(Settings settings) {
    Rest5ClientBuilder builder =
        Rest5Client.builder(settings.url())
            .setConnectionConfigCallback(c ->
                c.setConnectTimeout(Timeout.of(settings.connecting()))
                    .setSocketTimeout(Timeout.of(settings.answering())))
            .setConnectionManagerCallback(c ->
                c.setMaxConnPerRoute(settings.connections())
                    .setMaxConnTotal(settings.connections()));
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

  private static Rest5ClientOptions options(
      Settings settings, Duration answering, Predicate<List<String>> refuseWarnings) {
    RequestConfig waiting =
        RequestConfig.custom()
            .setConnectionRequestTimeout(Timeout.of(settings.answering()))
            .setResponseTimeout(Timeout.of(answering))
            .build();
    RequestOptions.Builder options = RequestOptions.DEFAULT.toBuilder();
    options.setRequestConfig(waiting);
    options.setWarningsHandler(refuseWarnings::test);
    return new Rest5ClientOptions.Builder(options).build();
  }

  /**
   * Makes a call that somebody waits for.
   *
   * @return null if the answer has that status, which then is no failure
   * @throws Unavailable if it fails
   */
  <T> @Nullable T callUnless(int status, Call<T> call) {
    return call(searching, status, call);
  }

  /** As {@link #callUnless}, but with more time. */
  <T> @Nullable T callPatientlyUnless(int status, Call<T> call) {
    return call(indexing, status, call);
  }

  private static <T> @Nullable T call(ElasticsearchClient client, int status, Call<T> call) {
    try {
      return call.on(client);
    } catch (ElasticsearchException e) {
      if (e.status() == status) {
        return null;
      }
      throw new Unavailable(
          "Elasticsearch answered " + e.status() + " " + e.error().type(), RETRY_AFTER);
    } catch (TransportException | ResponseException e) {
      // They quote the answer.
      throw new Unavailable("Elasticsearch gave no answer that makes sense", RETRY_AFTER);
    } catch (JsonException e) {
      throw new Unavailable("Elasticsearch gave an answer that is not its JSON", RETRY_AFTER);
    } catch (IOException e) {
      throw new Unavailable("Elasticsearch is away", RETRY_AFTER, e);
    }
  }

  @Override
  public void close() {
    try {
      http.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
