package io.carechat.domain.webhooks.delivery;

import io.carechat.domain.access.AccessDenied;
import io.carechat.domain.access.Caller;
import io.carechat.domain.access.Scope;
import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.webhooks.WebhookPayload;

/**
 * Whoever makes an endpoint receive the texts of messages must be allowed to read messages.
 * Otherwise a credential that only manages endpoints could read every chat of the instance.
 *
 * <p>Only the payload decides, because it never changes for an endpoint. The event types do not: an
 * endpoint that has stopped to take messages still has deliveries of earlier ones.
 */
public final class TextAccess {
  private TextAccess() {}

  /**
   * Checks that the caller may make an endpoint with a payload receive something.
   *
   * @throws AccessDenied if the payload contains texts and the caller does not have {@link
   *     Scope#READ_MESSAGES} in the whole instance
   */
  public static void require(Caller caller, TenantInstance instance, WebhookPayload payload) {
    if (payload.containsTexts() && !caller.may(Scope.READ_MESSAGES, instance)) {
      throw new AccessDenied(
          Scope.READ_MESSAGES,
          "An endpoint with the payload "
              + payload
              + " receives the texts of messages. So the credential needs two scopes for this: "
              + Scope.MANAGE_WEBHOOKS.wireName()
              + " and "
              + Scope.READ_MESSAGES.wireName()
              + ".");
    }
  }
}
