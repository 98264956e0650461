package io.carechat.domain;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

final class KnownEndpointsTest {
  private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 5);
  private final AtomicInteger reads = new AtomicInteger();
  private final InMemoryWebhookRegistry kept = new InMemoryWebhookRegistry();
  private final TenantInstance place = WebhookRegistryContract.newPlace();
  private final WebhookEndpoint configured =
      new WebhookEndpoint(
          place,
          "configured",
          URI.create("https://partner.example/"),
          new Secret("key"),
          new Secret("secret"),
          List.of(WebhookRegistryContract.newKey()));
  private final WebhookEndpoint first =
      WebhookRegistryContract.endpoint(place, "first", Samples.NOON);

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
        public boolean add(WebhookEndpoint endpoint, int most) {
          return kept.add(endpoint, most);
        }

        @Override
        public boolean replace(WebhookEndpoint changed) {
          return kept.replace(changed);
        }

        @Override
        public boolean remove(TenantInstance of, String id) {
          return kept.remove(of, id);
        }
      };

  private final KnownEndpoints known =
      new KnownEndpoints(List.of(configured), registry, nanos::get);

  @Test
  void hasThoseOfTheConfigurationAndThoseOfTheApi() {
    kept.add(first, 100);

    assertThat(known.of(place)).containsExactly(configured, first);
    assertThat(known.find(place, "configured")).contains(configured);
    assertThat(known.find(place, "first")).contains(first);
    assertThat(known.find(place, "second")).isEmpty();
    for (TenantInstance stranger : WebhookRegistryContract.strangersTo(place)) {
      assertThat(known.of(stranger)).isEmpty();
      assertThat(known.find(stranger, "configured")).isEmpty();
      assertThat(known.find(stranger, "first")).isEmpty();
    }
  }

  @Test
  void noticesAChangeAtOnceWhenRefreshedAndWithinASecondOtherwise() {
    assertThat(known.of(place)).containsExactly(configured);
    kept.add(first, 100);
    assertThat(known.of(place)).containsExactly(configured);

    known.refresh();
    assertThat(known.of(place)).containsExactly(configured, first);

    WebhookEndpoint second = WebhookRegistryContract.changed(first);
    kept.replace(second);
    nanos.addAndGet(Duration.ofMillis(999).toNanos());
    assertThat(known.find(place, "first")).contains(first);
    nanos.addAndGet(Duration.ofMillis(1).toNanos());
    assertThat(known.find(place, "first")).contains(second);
  }

  @Test
  void readsAnInstanceOnceForEachChangeOfAny() {
    for (int i = 0; i < 10; i++) {
      known.refresh();
      assertThat(known.of(place)).hasSize(1);
      nanos.addAndGet(Duration.ofSeconds(2).toNanos());
    }
    assertThat(reads).hasValue(1);

    kept.add(
        WebhookRegistryContract.endpoint(
            WebhookRegistryContract.newPlace(), "elsewhere", Samples.NOON),
        100);
    assertThat(known.of(place)).hasSize(1);
    assertThat(known.of(place)).hasSize(1);
    assertThat(reads).hasValue(2);
  }
}
