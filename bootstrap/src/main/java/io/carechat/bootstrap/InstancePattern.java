package io.carechat.bootstrap;

import io.carechat.domain.chat.TenantInstance;
import java.util.Optional;

/**
 * Instances that a setting is for.
 *
 * @param tenant the name of the only tenant; empty for all tenants
 * @param instance the name of the tenant's only instance; empty for all instances
 */
public record InstancePattern(Optional<String> tenant, Optional<String> instance) {
  private static final String ALL = "*";

  /**
   * Reads {@code TENANT/INSTANCE}, {@code TENANT/*} or {@code *}{@code /*}.
   *
   * @throws IllegalArgumentException if the text does not have one of these forms; the message does
   *     not repeat the text
   */
  public static InstancePattern parse(String text) {
    int slash = text.indexOf('/');
    String tenant = slash < 0 ? "" : text.substring(0, slash);
    String instance = text.substring(slash + 1);
    boolean anyTenant = tenant.equals(ALL);
    boolean anyInstance = instance.equals(ALL);
    if ((anyTenant && !anyInstance)
        || !(anyTenant || TenantInstance.isName(tenant))
        || !(anyInstance || TenantInstance.isName(instance))) {
      throw new IllegalArgumentException("must be TENANT/INSTANCE, TENANT/* or */*");
    }
    return new InstancePattern(
        anyTenant ? Optional.empty() : Optional.of(tenant),
        anyInstance ? Optional.empty() : Optional.of(instance));
  }

  /** Returns whether an instance is among these. */
  boolean matches(TenantInstance other) {
    return tenant.map(other.tenantName()::equals).orElse(true)
        && instance.map(other.instanceName()::equals).orElse(true);
  }
}
