package io.carechat.domain.chat;

import java.util.regex.Pattern;

/**
 * One chat service of one organisation. It is the boundary of isolation: every message, event,
 * document and credential belongs to exactly one instance, and nothing crosses the boundary.
 *
 * @param tenantName the name of the organisation, matching {@code [a-z0-9][a-z0-9-]{0,62}}
 * @param instanceName the name of one of its chat services, matching the same pattern
 */
public record TenantInstance(String tenantName, String instanceName) {
  private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9-]{0,62}");

  /**
   * @throws IllegalArgumentException if a name does not match the pattern
   */
  public TenantInstance {
    if (!isName(tenantName)) {
      throw new IllegalArgumentException("tenantName must match " + NAME);
    }
    if (!isName(instanceName)) {
      throw new IllegalArgumentException("instanceName must match " + NAME);
    }
  }

  /** Returns whether a text can be the name of a tenant or of an instance. */
  public static boolean isName(String text) {
    return NAME.matcher(text).matches();
  }

  /** Prints {@code tenantName/instanceName}. The text is unique for each instance. */
  @Override
  public String toString() {
    return tenantName + "/" + instanceName;
  }
}
