package io.carechat.bootstrap;

import io.carechat.domain.webhooks.WebhookAnswer;
import io.carechat.domain.webhooks.WebhookEndpoint;
import io.carechat.domain.webhooks.delivery.ClaimedDelivery;
import io.carechat.domain.webhooks.delivery.WebhookSender;
import java.util.function.Consumer;

/** Tells a listener of every call of an endpoint. Safe for use by many threads. */
final class ObservedSender implements WebhookSender {
  private final WebhookSender sender;
  private volatile Consumer<WebhookAnswer> listener = _ -> {};

  ObservedSender(WebhookSender sender) {
    this.sender = sender;
  }

  /** Names the listener. Calls that end before are not told. */
  void onCall(Consumer<WebhookAnswer> newListener) {
    listener = newListener;
  }

  @Override
  public WebhookAnswer send(WebhookEndpoint endpoint, ClaimedDelivery delivery) {
    WebhookAnswer answer = sender.send(endpoint, delivery);
    listener.accept(answer);
    return answer;
  }
}
