package io.carechat.domain;

import java.util.List;

/**
 * Keeps the endpoints that are made by the API, their secrets encrypted. Safe for use by many
 * threads and by several nodes. May throw {@link Unavailable}.
 */
public interface WebhookRegistry {
  /**
   * Another number after every change of any endpoint, and never one that was there before. What is
   * read after it has at least the changes that it counts.
   */
  long revision();

  /** Those of an instance, oldest first. */
  List<WebhookEndpoint> of(TenantInstance place);

  /** Whether it has a key to encrypt secrets with. Without one, nothing can be added. */
  boolean keepsSecrets();

  /**
   * Adds an endpoint whose id is new.
   *
   * @param most how many an instance may have, counted together with the new one
   * @return false if it would have more; nothing was added then
   * @throws IllegalStateException if it has no key for secrets, or the endpoint is not of the API
   */
  boolean add(WebhookEndpoint endpoint, int most);

  /**
   * Puts an endpoint in the place of its former version.
   *
   * @param changed its version is one more than that of the former
   * @return false if there is no such endpoint, or not in that version; nothing was changed then
   */
  boolean replace(WebhookEndpoint changed);

  /**
   * Removes an endpoint.
   *
   * @return false if the instance has none of that id; nothing was changed then
   */
  boolean remove(TenantInstance place, String id);
}
