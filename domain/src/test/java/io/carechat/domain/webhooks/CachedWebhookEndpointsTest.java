package io.carechat.domain.webhooks;

import static org.assertj.core.api.Assertions.assertThat;

import io.carechat.domain.chat.EndpointId;
import io.carechat.domain.chat.Samples;
import io.carechat.domain.chat.Secret;
import io.carechat.domain.chat.TenantInstance;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class CachedWebhookEndpointsTest {
  private static final EndpointId CONFIGURED = new EndpointId("configured");
  private static final EndpointId FIRST = new EndpointId("first");
  private static final EndpointId SECOND = new EndpointId("second");

  private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 5);
  private final AtomicInteger reads = new AtomicInteger();
  private final InMemoryWebhookRegistry kept = new InMemoryWebhookRegistry();
  private final TenantInstance instance = WebhookRegistryContract.newInstance();
  private final WebhookEndpoint configured =
      new WebhookEndpoint(
          instance,
          CONFIGURED,
          URI.create("https://partner.example/"),
          new Secret("key"),
          new Secret("secret"),
          List.of(WebhookRegistryContract.newKey()));
  private final WebhookEndpoint first =
      WebhookRegistryContract.endpoint(instance, FIRST, Samples.NOON);

  /** Counts what is read. */
  private final WebhookRegistry registry =
      new WebhookRegistry() {
        @Override
        public long revision() {
          return kept.revision();
        }

        @Override
        public List<WebhookEndpoint> of(TenantInstance of) {
          reads.incrementAndGet();
          return kept.of(of);
        }

        @Override
        public boolean keepsSecrets() {
          return true;
        }

        @Override
        public boolean add(WebhookEndpoint endpoint, boolean enabled, int max) {
          return kept.add(endpoint, enabled, max);
        }

        @Override
        public boolean replace(WebhookEndpoint changed, @Nullable Boolean enabled) {
          return kept.replace(changed, enabled);
        }

        @Override
        public boolean remove(TenantInstance of, EndpointId id) {
          return kept.remove(of, id);
        }
      };

  private final CachedWebhookEndpoints cached =
      new CachedWebhookEndpoints(List.of(configured), registry, nanos::get);

  @Test
  void hasTheEndpointsOfTheConfigurationAndOfTheApi() {
    kept.add(first, true, 100);

    assertThat(cached.of(instance)).containsExactly(configured, first);
    assertThat(cached.find(instance, CONFIGURED)).contains(configured);
    assertThat(cached.find(instance, FIRST)).contains(first);
    assertThat(cached.find(instance, SECOND)).isEmpty();
    for (TenantInstance stranger : WebhookRegistryContract.strangersTo(instance)) {
      assertThat(cached.of(stranger)).isEmpty();
      assertThat(cached.find(stranger, CONFIGURED)).isEmpty();
      assertThat(cached.find(stranger, FIRST)).isEmpty();
    }
  }

  @Test
  void noticesAChangeAtOnceWhenRefreshedAndWithinASecondOtherwise() {
    assertThat(cached.of(instance)).containsExactly(configured);
    kept.add(first, true, 100);
    assertThat(cached.of(instance)).containsExactly(configured);

    cached.refresh();
    assertThat(cached.of(instance)).containsExactly(configured, first);

    WebhookEndpoint second = WebhookRegistryContract.changed(first);
    kept.replace(second, null);
    nanos.addAndGet(Duration.ofMillis(999).toNanos());
    assertThat(cached.find(instance, FIRST)).contains(first);
    nanos.addAndGet(Duration.ofMillis(1).toNanos());
    assertThat(cached.find(instance, FIRST)).contains(second);
  }

  @Test
  void readsAnInstanceOnceForEachChangeOfAny() {
    for (int i = 0; i < 10; i++) {
      cached.refresh();
      assertThat(cached.of(instance)).hasSize(1);
      nanos.addAndGet(Duration.ofSeconds(2).toNanos());
    }
    assertThat(reads).hasValue(1);

    kept.add(
        WebhookRegistryContract.endpoint(
            WebhookRegistryContract.newInstance(), new EndpointId("elsewhere"), Samples.NOON),
        true,
        100);
    assertThat(cached.of(instance)).hasSize(1);
    assertThat(cached.of(instance)).hasSize(1);
    assertThat(reads).hasValue(2);
  }
}
