package io.carechat.scenario;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpServer;
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
import org.glassfish.jersey.jackson.JacksonFeature;
import org.glassfish.jersey.jdkhttp.JdkHttpServerFactory;
import org.glassfish.jersey.server.ResourceConfig;
import org.glassfish.jersey.server.ServerProperties;

/**
 * A partner's receiver: the interface that the stock generator makes of {@code webhooks.yaml}, and
 * before it a filter that sees the bytes as they came.
 */
final class Receiver implements AutoCloseable {

  /** A call as it came. */
  record Call(Map<String, List<String>> headers, String body) {}

  private final Gate gate;
  private final Inbox inbox = new Inbox();
  private final HttpServer server;

  Receiver(URI url, String secret, String apiKey, String apiSecret) {
    this.gate = new Gate(new WebhookVerifier(List.of(secret)), apiKey, apiSecret);
    this.server =
        JdkHttpServerFactory.createHttpServer(
            url,
            new ResourceConfig()
                .property(ServerProperties.WADL_FEATURE_DISABLE, true)
                .register(JacksonFeature.class)
                .register(gate)
                .register(inbox));
  }

  /** Genuine calls, in the order in which they came. */
  List<Call> calls() {
    synchronized (gate) {
      return List.copyOf(gate.calls);
    }
  }

  /** What they delivered, each once. */
  List<DeliveredMessage> messages() {
    synchronized (inbox) {
      return List.copyOf(inbox.messages);
    }
  }

  @Override
  public void close() {
    server.stop(0);
  }

  /** Refuses what carechat did not send, and lets the resource read the body again. */
  private static final class Gate implements ContainerRequestFilter {
    private final WebhookVerifier verifier;
    private final String apiKey;
    private final String apiSecret;
    private final List<Call> calls = new ArrayList<>();

    Gate(WebhookVerifier verifier, String apiKey, String apiSecret) {
      this.verifier = verifier;
      this.apiKey = apiKey;
      this.apiSecret = apiSecret;
    }

    @Override
    public void filter(ContainerRequestContext request) throws IOException {
      byte[] body = request.getEntityStream().readAllBytes();
      boolean known =
          apiKey.equals(request.getHeaderString("X-WEBHOOK-API-KEY"))
              && apiSecret.equals(request.getHeaderString("X-WEBHOOK-API-SECRET"));
      if (!known || verifier.verify(body, request.getHeaders()) instanceof Verification.Refused) {
        request.abortWith(Response.status(Response.Status.UNAUTHORIZED).build());
        return;
      }
      synchronized (this) {
        calls.add(new Call(Map.copyOf(request.getHeaders()), new String(body, UTF_8)));
      }
      request.setEntityStream(new ByteArrayInputStream(body));
    }
  }

  /** Keeps each delivery once. (Jersey takes no inner class that is not static for a resource.) */
  @Path("")
  private static final class Inbox implements WebhookApi {
    private final List<DeliveredMessage> messages = new ArrayList<>();
    private final Set<String> known = new HashSet<>();

    @Override
    public synchronized Response receiveMessage(
        String webhookId,
        Long webhookTimestamp,
        String webhookSignature,
        DeliveredMessage deliveredMessage) {
      if (known.add(webhookId)) {
        messages.add(deliveredMessage);
      }
      return Response.noContent().build();
    }

    // This endpoint was configured for messages in the source form, and gets no other.

    @Override
    public Response receiveEvent(
        String webhookId, Long webhookTimestamp, String webhookSignature, WebhookEvent event) {
      return Response.status(Response.Status.NOT_FOUND).build();
    }

    @Override
    public Response receiveThinEvent(
        String webhookId, Long webhookTimestamp, String webhookSignature, ThinWebhookEvent event) {
      return Response.status(Response.Status.NOT_FOUND).build();
    }
  }
}
