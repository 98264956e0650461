package io.carechat.persistence.webhooks.delivery;

import static io.carechat.persistence.generated.Tables.WEBHOOK_ENDPOINT_DISABLED;
import static io.carechat.persistence.webhooks.WebhookKeys.endpoint;
import static org.jooq.impl.DSL.notExists;
import static org.jooq.impl.DSL.selectOne;

import org.jooq.Condition;
import org.jooq.Row3;

/** A condition that many statements have: that an endpoint is not disabled. */
final class DisabledEndpoints {
  private DisabledEndpoints() {}

  /**
   * Whether an endpoint is not disabled.
   *
   * @param endpoint its tenant, its instance and its id
   */
  static Condition doNotContain(Row3<String, String, String> endpoint) {
    return notExists(
        selectOne()
            .from(WEBHOOK_ENDPOINT_DISABLED)
            .where(endpoint(WEBHOOK_ENDPOINT_DISABLED).eq(endpoint)));
  }
}
