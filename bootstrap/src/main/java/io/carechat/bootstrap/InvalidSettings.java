package io.carechat.bootstrap;

import java.util.List;

/**
 * The configuration cannot be used. The message lists everything that is wrong, each with the name
 * of its setting, and repeats no secret.
 */
public final class InvalidSettings extends RuntimeException {
  private static final long serialVersionUID = 1;

  InvalidSettings(List<String> faults) {
    super("The configuration cannot be used:\n  " + String.join("\n  ", faults));
  }
}
