package io.carechat.domain.chat;

import java.util.regex.Pattern;

/**
 * One chat service of one organisation: the boundary that nothing crosses. Every message, event,
 * document and credential belongs to exactly one.
 *
 * @param tenantName the organisation, {@code [a-z0-9][a-z0-9-]{0,62}}
 * @param instanceName one of its chat services, of the same form
 */
public record TenantInstance(String tenantName, String instanceName) {
  private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9-]{0,62}");

  /**
   * @throws IllegalArgumentException if either name is not of the form
   */
  public TenantInstance {
    if (!isName(tenantName)) {
      throw new IllegalArgumentException("tenantName must match " + NAME);
    }
    if (!isName(instanceName)) {
      throw new IllegalArgumentException("instanceName must match " + NAME);
    }
  }

  /** Whether a text can be the name of a tenant or of an instance. */
  public static boolean isName(String text) {
    return NAME.matcher(text).matches();
  }

  /** {@code tenantName/instanceName}, which no other pair has. */
  @Override
  public String toString() {
    return tenantName + "/" + instanceName;
  }
}
