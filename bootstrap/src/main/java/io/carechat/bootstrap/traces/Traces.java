package io.carechat.bootstrap.traces;

import io.carechat.rest.http.Tracing;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanBuilder;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.api.trace.TracerProvider;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.Scope;
import io.opentelemetry.context.propagation.TextMapGetter;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporter;
import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.export.BatchSpanProcessor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.net.URI;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Records spans and sends them to a collector by OTLP over HTTP. A span has the method, the route,
 * the operation, the status, or the name of a port's method, and nothing that anybody wrote: no id,
 * text, query, address or message of an exception. A collector that is unavailable costs nothing
 * but the traces. Safe for use by many threads.
 */
public final class Traces implements Tracing, AutoCloseable {
  private static final Duration TIMEOUT = Duration.ofSeconds(10);

  /** How long the end of the service waits for the collector. */
  private static final Duration LAST_SPANS = Duration.ofSeconds(2);

  private static final Duration INTERVAL = Duration.ofSeconds(1);

  /** Spans above this wait in vain: they are dropped. */
  private static final int MAX_WAITING = 4_096;

  private static final int SERVER_ERROR = 500;
  private static final String TRACEPARENT = "traceparent";
  private static final AttributeKey<String> METHOD = AttributeKey.stringKey("http.request.method");
  private static final AttributeKey<String> ROUTE = AttributeKey.stringKey("http.route");
  private static final AttributeKey<Long> STATUS =
      AttributeKey.longKey("http.response.status_code");
  private static final AttributeKey<String> OPERATION =
      AttributeKey.stringKey("carechat.operation");
  private static final AttributeKey<String> ERROR_TYPE = AttributeKey.stringKey("error.type");

  /** Reads one header only. The header tracestate could have any text of a caller. */
  private static final TextMapGetter<String> TRACEPARENT_ALONE =
      (traceparent, name) -> TRACEPARENT.equals(name) ? traceparent : null;

  private final @Nullable SdkTracerProvider provider;
  private final Tracer tracer;

  private Traces(@Nullable SdkTracerProvider provider) {
    this.provider = provider;
    this.tracer = (provider == null ? TracerProvider.noop() : provider).get("io.carechat");
  }

  /**
   * Starts to record.
   *
   * @param endpoint the collector's address for traces, such as {@code
   *     http://localhost:4318/v1/traces}; if empty, nothing is recorded, and nothing is wrapped
   */
  public static Traces start(Optional<URI> endpoint) {
    return new Traces(endpoint.map(Traces::provider).orElse(null));
  }

  private static SdkTracerProvider provider(URI endpoint) {
    // The exporter's own retries would make the end of the process wait for a collector.
    var exporter =
        OtlpHttpSpanExporter.builder()
            .setEndpoint(endpoint.toString())
            .setTimeout(TIMEOUT)
            .setConnectTimeout(TIMEOUT)
            .setRetryPolicy(null)
            .build();
    return SdkTracerProvider.builder()
        .setResource(Resource.getDefault().toBuilder().put("service.name", "carechat").build())
        .addSpanProcessor(
            BatchSpanProcessor.builder(exporter)
                .setScheduleDelay(INTERVAL)
                .setMaxQueueSize(MAX_WAITING)
                .setExporterTimeout(TIMEOUT)
                .build())
        .build();
  }

  @Override
  public void request(
      String method, @Nullable String traceparent, Runnable work, Supplier<Answer> answer) {
    if (provider == null) {
      work.run();
      return;
    }
    SpanBuilder builder = tracer.spanBuilder(method).setSpanKind(SpanKind.SERVER);
    if (traceparent != null) {
      builder.setParent(
          W3CTraceContextPropagator.getInstance()
              .extract(Context.root(), traceparent, TRACEPARENT_ALONE));
    } else {
      builder.setNoParent();
    }
    Span span = builder.startSpan();
    try (Scope _ = span.makeCurrent()) {
      work.run();
    } finally {
      Answer result = answer.get();
      span.updateName(method + " " + result.route());
      span.setAttribute(METHOD, method);
      span.setAttribute(ROUTE, result.route());
      span.setAttribute(OPERATION, result.operation());
      if (result.status() > 0) {
        span.setAttribute(STATUS, (long) result.status());
      }
      if (result.status() == 0 || result.status() >= SERVER_ERROR) {
        span.setStatus(StatusCode.ERROR);
      }
      span.end();
    }
  }

  /**
   * Wraps an implementation of a port, so that each of its calls is a span with the name of the
   * port and of the method.
   *
   * @param port an interface
   */
  public <T> T traced(Class<T> port, T implementation) {
    return traced(port, implementation, SpanKind.INTERNAL);
  }

  /** As {@link #traced(Class, Object)}, for a port that calls other servers. */
  public <T> T tracedClient(Class<T> port, T implementation) {
    return traced(port, implementation, SpanKind.CLIENT);
  }

  private <T> T traced(Class<T> port, T implementation, SpanKind kind) {
    if (provider == null) {
      return implementation;
    }
    return port.cast(
        Proxy.newProxyInstance(
            port.getClassLoader(),
            new Class<?>[] {port},
            (_, method, arguments) -> {
              if (method.getDeclaringClass() == Object.class) {
                return method.invoke(implementation, arguments);
              }
              Span span =
                  tracer
                      .spanBuilder(port.getSimpleName() + "." + method.getName())
                      .setSpanKind(kind)
                      .startSpan();
              try (Scope _ = span.makeCurrent()) {
                return method.invoke(implementation, arguments);
              } catch (InvocationTargetException e) {
                Throwable thrown = Objects.requireNonNull(e.getCause());
                span.setStatus(StatusCode.ERROR);
                span.setAttribute(ERROR_TYPE, thrown.getClass().getName());
                throw thrown;
              } finally {
                span.end();
              }
            }));
  }

  /**
   * Returns the headers that pass the current span on to another server (W3C Trace Context); empty
   * if there is no span.
   */
  public static Map<String, String> headers() {
    var headers = new HashMap<String, String>();
    W3CTraceContextPropagator.getInstance()
        .inject(
            Context.current(),
            headers,
            (carrier, key, value) -> {
              if (carrier != null) {
                carrier.put(key, value);
              }
            });
    headers.keySet().retainAll(List.of(TRACEPARENT));
    return headers;
  }

  /** Sends what was recorded, if the collector takes it within two seconds. */
  @Override
  public void close() {
    if (provider == null) {
      return;
    }
    CompletableResultCode _ = provider.shutdown().join(LAST_SPANS.toSeconds(), TimeUnit.SECONDS);
  }
}
