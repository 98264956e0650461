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
import io.carechat.domain.search.index.QueryRefused;
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
import java.util.function.Supplier;
import org.apache.hc.core5.http.ConnectionRequestTimeoutException;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.message.BasicHeader;
import org.apache.hc.core5.reactor.IOReactorConfig;
import org.apache.hc.core5.util.DeadlineTimeoutException;
import org.apache.hc.core5.util.TimeValue;
import org.apache.hc.core5.util.Timeout;
import org.jspecify.annotations.Nullable;

/**
 * Calls Elasticsearch, and turns everything that may go wrong with it into one of two exceptions.
 * {@link Unavailable} means that Elasticsearch as a whole is unavailable: there is no connection,
 * no response, a status such as 503, or a response that makes no sense. {@link QueryRefused} means
 * that it did not carry out this one call. For example, its circuit breaker estimates that the call
 * needs too much memory (429), a queue is full (429), or the query has too many clauses (400).
 *
 * <p>The messages of both are safe to log. Of what Elasticsearch says, they repeat only the kind of
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
                c.setConnectionRequestTimeout(Timeout.of(settings.answering().dividedBy(5)))
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
   * @throws Unavailable if Elasticsearch is unavailable
   * @throws QueryRefused if Elasticsearch did not carry out this call
   */
  <T> @Nullable T callUnless(Set<Integer> statuses, Call<T> call) {
    return call(searching, statuses, call);
  }

  /**
   * Makes a call that no search waits for, with a longer timeout. The caller will try again,
   * whether Elasticsearch is unavailable or only did not carry out this call.
   *
   * @return null if the response has this status; this is not a failure
   * @throws Unavailable if the call fails
   */
  <T> @Nullable T callPatientlyUnless(int status, Call<T> call) {
    return withoutRefusal(() -> call(indexing, Set.of(status), call));
  }

  /** Makes {@link Unavailable} of a refusal. */
  static <T extends @Nullable Object> T withoutRefusal(Supplier<T> call) {
    try {
      return call.get();
    } catch (QueryRefused e) {
      throw new Unavailable(String.valueOf(e.getMessage()), e.retryAfter());
    }
  }

  private static <T> @Nullable T call(
      ElasticsearchClient client, Set<Integer> statuses, Call<T> call) {
    try {
      return call.on(client);
    } catch (ElasticsearchException e) {
      if (statuses.contains(e.status())) {
        return null;
      }
      String type = String.valueOf(e.error().type());
      throw failure(e.status(), type, "Elasticsearch responded with " + e.status() + " " + type);
    } catch (ResponseException e) {
      int status = e.getResponse().getStatusCode();
      if (statuses.contains(status)) {
        return null;
      }
      // The client throws this for 502, 503 and 504. The exception quotes the response.
      throw failure(status, "", "Elasticsearch responded with " + status);
    } catch (TransportException e) {
      // The exception may quote the response. It may be the response of a proxy.
      throw failure(e.statusCode(), "", "Elasticsearch sent a response that makes no sense");
    } catch (JsonException e) {
      throw new Unavailable(
          "Elasticsearch sent a response that is not the expected JSON", RETRY_AFTER);
    } catch (IOException e) {
      throw new Unavailable("Elasticsearch is unavailable", RETRY_AFTER, e);
    } catch (RuntimeException e) {
      // The client wraps checked exceptions that it does not know into exactly this class.
      if (waitedForConnection(e)) {
        throw new QueryRefused("All connections to Elasticsearch are in use", RETRY_AFTER);
      }
      throw e.getClass().equals(RuntimeException.class)
          ? new Unavailable("The call of Elasticsearch failed", RETRY_AFTER, e)
          : e;
    }
  }

  /**
   * Makes the exception for a status. Statuses of 400 and above say that something is wrong with
   * this call, except if the service may not log in (401, 407, or 403 from Elasticsearch itself) or
   * if there is no index (404). A 500 is an error of Elasticsearch while it worked on this call.
   */
  private static RuntimeException failure(int status, String type, String what) {
    boolean ofThisCall =
        switch (status) {
          case 401, 404, 407 -> false;
          case 403 -> !type.equals("security_exception");
          case 500 -> true;
          default -> status >= 400 && status < 500;
        };
    return ofThisCall ? new QueryRefused(what, RETRY_AFTER) : new Unavailable(what, RETRY_AFTER);
  }

  /** Whether the client gave up before it sent anything, because it had too much to do. */
  private static boolean waitedForConnection(Throwable thrown) {
    for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
      if (cause instanceof ConnectionRequestTimeoutException
          || cause instanceof DeadlineTimeoutException) {
        return true;
      }
    }
    return false;
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
