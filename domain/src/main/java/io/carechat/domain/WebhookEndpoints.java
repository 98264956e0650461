package io.carechat.domain;

import java.util.List;
import java.util.Optional;

/** The configured endpoints. Safe for use by many threads. */
public interface WebhookEndpoints {
  /** Those of an instance, in no order. */
  List<WebhookEndpoint> of(TenantInstance place);

  /** One of an instance; empty if that instance has none of that id, whether or not another has. */
  Optional<WebhookEndpoint> find(TenantInstance place, String id);
}
