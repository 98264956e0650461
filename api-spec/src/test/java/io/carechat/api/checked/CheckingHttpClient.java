package io.carechat.api.checked;

import java.io.IOException;
import java.net.Authenticator;
import java.net.CookieHandler;
import java.net.ProxySelector;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.BodySubscriber;
import java.net.http.HttpResponse.BodySubscribers;
import java.net.http.HttpResponse.PushPromiseHandler;
import java.net.http.HttpResponse.ResponseInfo;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.Flow;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/**
 * A client that holds everything it exchanges against the contract before it hands it on. An answer
 * that is a stream of events, which need not end, is handed on as it comes: of it the status and
 * the headers are checked.
 */
public final class CheckingHttpClient extends HttpClient {
  private final HttpClient client;

  /** Does with another what it does; closes it when it is closed. */
  public CheckingHttpClient(HttpClient client) {
    this.client = client;
  }

  /** A body as it was received, or what the caller's own handler makes of it. */
  private sealed interface Body<T> {
    final class Whole<T> implements Body<T> {
      private final ResponseInfo info;
      private final byte[] bytes;

      private Whole(ResponseInfo info, byte[] bytes) {
        this.info = info;
        this.bytes = bytes;
      }
    }

    record Streamed<T>(T value) implements Body<T> {}
  }

  private static <T> BodyHandler<Body<T>> receiving(BodyHandler<T> handler) {
    return info ->
        info.headers().firstValue("Content-Type").orElse("").startsWith("text/event-stream")
            ? BodySubscribers.mapping(handler.apply(info), Body.Streamed::new)
            : BodySubscribers.mapping(
                BodySubscribers.ofByteArray(), bytes -> new Body.Whole<>(info, bytes));
  }

  @Override
  public <T> HttpResponse<T> send(HttpRequest request, BodyHandler<T> handler)
      throws IOException, InterruptedException {
    return checked(client.send(request, receiving(handler)), handler);
  }

  @Override
  public <T> CompletableFuture<HttpResponse<T>> sendAsync(
      HttpRequest request, BodyHandler<T> handler) {
    return client
        .sendAsync(request, receiving(handler))
        .thenApply(response -> checked(response, handler));
  }

  @Override
  public <T> CompletableFuture<HttpResponse<T>> sendAsync(
      HttpRequest request, BodyHandler<T> handler, @Nullable PushPromiseHandler<T> promises) {
    if (promises != null) {
      throw new UnsupportedOperationException("the service pushes nothing");
    }
    return sendAsync(request, handler);
  }

  private static <T> HttpResponse<T> checked(
      HttpResponse<Body<T>> response, BodyHandler<T> handler) {
    HttpRequest request = response.request();
    String query = request.uri().getRawQuery();
    String target = request.uri().getRawPath() + (query == null ? "" : "?" + query);
    return switch (response.body()) {
      case Body.Whole<T> whole -> {
        ExchangeCheck.check(
            Exchange.answered(
                    request.method(),
                    target,
                    response.statusCode(),
                    response.headers().map(),
                    whole.bytes)
                .to(request.headers().map(), sent(request)));
        yield new Checked<>(response, received(handler.apply(whole.info), whole.bytes));
      }
      case Body.Streamed<T>(T value) -> {
        ExchangeCheck.check(
            Exchange.answered(
                    request.method(),
                    target,
                    response.statusCode(),
                    response.headers().map(),
                    new byte[0])
                .to(request.headers().map(), sent(request)));
        yield new Checked<>(response, value);
      }
    };
  }

  private static byte[] sent(HttpRequest request) {
    Optional<HttpRequest.BodyPublisher> publisher = request.bodyPublisher();
    if (publisher.isEmpty()) {
      return new byte[0];
    }
    BodySubscriber<byte[]> bytes = BodySubscribers.ofByteArray();
    publisher
        .get()
        .subscribe(
            new Flow.Subscriber<ByteBuffer>() {
              @Override
              public void onSubscribe(Flow.Subscription subscription) {
                bytes.onSubscribe(subscription);
              }

              @Override
              public void onNext(ByteBuffer item) {
                bytes.onNext(List.of(item));
              }

              @Override
              public void onError(Throwable thrown) {
                bytes.onError(thrown);
              }

              @Override
              public void onComplete() {
                bytes.onComplete();
              }
            });
    return bytes.getBody().toCompletableFuture().join();
  }

  private static <T> T received(BodySubscriber<T> subscriber, byte[] bytes) {
    subscriber.onSubscribe(
        new Flow.Subscription() {
          @Override
          public void request(long items) {
            // All of it is pushed below, whatever is asked for.
          }

          @Override
          public void cancel() {
            // It is here already.
          }
        });
    subscriber.onNext(List.of(ByteBuffer.wrap(bytes).asReadOnlyBuffer()));
    subscriber.onComplete();
    return subscriber.getBody().toCompletableFuture().join();
  }

  /** The same answer, with the body that its caller wanted. */
  private record Checked<T>(HttpResponse<?> response, T body) implements HttpResponse<T> {
    @Override
    public int statusCode() {
      return response.statusCode();
    }

    @Override
    public HttpRequest request() {
      return response.request();
    }

    @Override
    public Optional<HttpResponse<T>> previousResponse() {
      return Optional.empty();
    }

    @Override
    public HttpHeaders headers() {
      return response.headers();
    }

    @Override
    public Optional<SSLSession> sslSession() {
      return response.sslSession();
    }

    @Override
    public URI uri() {
      return response.uri();
    }

    @Override
    public Version version() {
      return response.version();
    }
  }

  @Override
  public Optional<CookieHandler> cookieHandler() {
    return client.cookieHandler();
  }

  @Override
  public Optional<Duration> connectTimeout() {
    return client.connectTimeout();
  }

  @Override
  public Redirect followRedirects() {
    return client.followRedirects();
  }

  @Override
  public Optional<ProxySelector> proxy() {
    return client.proxy();
  }

  @Override
  public SSLContext sslContext() {
    return client.sslContext();
  }

  @Override
  public SSLParameters sslParameters() {
    return client.sslParameters();
  }

  @Override
  public Optional<Authenticator> authenticator() {
    return client.authenticator();
  }

  @Override
  public Version version() {
    return client.version();
  }

  @Override
  public Optional<Executor> executor() {
    return client.executor();
  }

  @Override
  public void close() {
    client.close();
  }
}
