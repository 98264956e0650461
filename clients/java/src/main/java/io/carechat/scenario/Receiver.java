package io.carechat.scenario;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpServer;
import io.carechat.client.webhook.EventVerification;
import io.carechat.client.webhook.Verification;
import io.carechat.client.webhook.WebhookVerifier;
import io.carechat.scenario.generated.DeliveredMessage;
import io.carechat.scenario.generated.ThinWebhookEvent;
import io.carechat.scenario.generated.WebhookApi;
import io.carechat.scenario.generated.WebhookEvent;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.ContainerRequestFilter;
import jakarta.ws.rs.core.Response;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import org.glassfish.jersey.jackson.JacksonFeature;
import org.glassfish.jersey.jdkhttp.JdkHttpServerFactory;
import org.glassfish.jersey.server.ResourceConfig;
import org.glassfish.jersey.server.ServerProperties;
import org.jspecify.annotations.Nullable;

/**
 * A partner's receiver with three endpoints, one for each payload. Its operations implement the
 * interface that the stock generator makes of {@code webhooks.yaml}. Before them, a filter reads
 * the bytes of each call as they arrived.
 */
final class Receiver implements AutoCloseable {

  /** The path of the operation for the payload {@code SOURCE}. */
  static final String SOURCE = "";

  /** The path of the operation for the payload {@code STANDARD}. */
  static final String STANDARD = "standard";

  /** The path of the operation for the payload {@code THIN}. */
  static final String THIN = "thin";

  /** A genuine call, as it arrived. */
  record Call(
      String path, @Nullable String webhookId, Map<String, List<String>> headers, String body) {}

  private final URI url;
  private final Gate gate;
  private final Inbox inbox = new Inbox();
  private final HttpServer server;

  /**
   * Begins to listen. At first it trusts only calls in the source form, with the right key and
   * secret.
   */
  Receiver(URI url, String apiKey, String apiSecret) {
    this.url = url;
    this.gate = new Gate(apiKey, apiSecret);
    this.server =
        JdkHttpServerFactory.createHttpServer(
            url,
            new ResourceConfig()
                .property(ServerProperties.WADL_FEATURE_DISABLE, true)
                .register(JacksonFeature.class)
                .register(gate)
                .register(inbox));
  }

  /** The address of one of the paths. */
  URI url(String path) {
    return url.resolve(path);
  }

  /**
   * Sets the secrets of a path. From now on, each call of the path must be signed with one of them.
   */
  void trust(String path, String... secrets) {
    gate.verifiers.put(path, new WebhookVerifier(List.of(secrets)));
  }

  /** The genuine calls of a path, in the order in which they arrived, including repetitions. */
  List<Call> calls(String path) {
    synchronized (gate) {
      return gate.calls.stream().filter(call -> call.path().equals(path)).toList();
    }
  }

  /** The messages that arrived in the source form, each of them once. */
  List<DeliveredMessage> messages() {
    synchronized (inbox) {
      return List.copyOf(inbox.messages);
    }
  }

  /** The events that arrived in the standard form, each of them once. */
  List<WebhookEvent> events() {
    synchronized (inbox) {
      return List.copyOf(inbox.events);
    }
  }

  /** The events that arrived in the thin form, each of them once. */
  List<ThinWebhookEvent> thinEvents() {
    synchronized (inbox) {
      return List.copyOf(inbox.thinEvents);
    }
  }

  @Override
  public void close() {
    server.stop(0);
    // Otherwise its idle threads would keep the program running for a minute.
    if (server.getExecutor() instanceof ExecutorService threads) {
      threads.shutdown();
    }
  }

  /**
   * Refuses calls that carechat did not send. Lets the operation read the body of the others again.
   */
  private static final class Gate implements ContainerRequestFilter {
    private final Map<String, WebhookVerifier> verifiers = new ConcurrentHashMap<>();
    private final String apiKey;
    private final String apiSecret;
    private final List<Call> calls = new ArrayList<>();

    Gate(String apiKey, String apiSecret) {
      this.apiKey = apiKey;
      this.apiSecret = apiSecret;
    }

    @Override
    public void filter(ContainerRequestContext request) throws IOException {
      byte[] body = request.getEntityStream().readAllBytes();
      String path = request.getUriInfo().getPath();
      if (!isGenuine(path, request, body)) {
        request.abortWith(Response.status(Response.Status.UNAUTHORIZED).build());
        return;
      }
      synchronized (this) {
        calls.add(
            new Call(
                path,
                request.getHeaderString("webhook-id"),
                Map.copyOf(request.getHeaders()),
                new String(body, UTF_8)));
      }
      request.setEntityStream(new ByteArrayInputStream(body));
    }

    private boolean isGenuine(String path, ContainerRequestContext request, byte[] body) {
      WebhookVerifier verifier = verifiers.get(path);
      if (verifier == null) {
        return false;
      }
      if (path.equals(SOURCE)) {
        return apiKey.equals(request.getHeaderString("X-WEBHOOK-API-KEY"))
            && apiSecret.equals(request.getHeaderString("X-WEBHOOK-API-SECRET"))
            && verifier.verify(body, request.getHeaders()) instanceof Verification.Genuine;
      }
      return verifier.verifyEvent(body, request.getHeaders()) instanceof EventVerification.Genuine;
    }
  }

  /**
   * Keeps each delivery once. (It is static, because Jersey accepts no other inner class as a
   * resource.)
   */
  @Path("")
  private static final class Inbox implements WebhookApi {
    private final List<DeliveredMessage> messages = new ArrayList<>();
    private final List<WebhookEvent> events = new ArrayList<>();
    private final List<ThinWebhookEvent> thinEvents = new ArrayList<>();
    private final Set<String> known = new HashSet<>();

    @Override
    public Response receiveMessage(
        String webhookId, Long webhookTimestamp, String webhookSignature, DeliveredMessage body) {
      return keep(webhookId, body, messages);
    }

    @Override
    public Response receiveEvent(
        String webhookId, Long webhookTimestamp, String webhookSignature, WebhookEvent body) {
      return keep(webhookId, body, events);
    }

    @Override
    public Response receiveThinEvent(
        String webhookId, Long webhookTimestamp, String webhookSignature, ThinWebhookEvent body) {
      return keep(webhookId, body, thinEvents);
    }

    private synchronized <T> Response keep(String webhookId, T body, List<T> bodies) {
      if (known.add(webhookId)) {
        bodies.add(body);
      }
      return Response.noContent().build();
    }
  }
}
