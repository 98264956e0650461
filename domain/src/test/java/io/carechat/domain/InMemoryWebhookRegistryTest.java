package io.carechat.domain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import org.junit.jupiter.api.Test;

/** The fake keeps the contract that it stands in for. */
final class InMemoryWebhookRegistryTest
    implements WebhookRegistryContract.Adding, WebhookRegistryContract.Changing {
  private final WebhookRegistry registry = new InMemoryWebhookRegistry();

  @Override
  public WebhookRegistry registry() {
    return registry;
  }

  @Test
  void addsNothingWithoutAKey() {
    var without = new InMemoryWebhookRegistry(false);
    TenantInstance place = WebhookRegistryContract.newPlace();

    assertThat(without.keepsSecrets()).isFalse();
    assertThatIllegalStateException()
        .isThrownBy(
            () -> without.add(WebhookRegistryContract.endpoint(place, "crm", Samples.NOON), 100));
    assertThat(without.of(place)).isEmpty();
  }
}
