package io.carechat.bootstrap.tls;

/**
 * Thrown when a PEM file cannot be used. The message names the setting and says what is wrong. It
 * repeats nothing of the file.
 */
public final class UnusablePem extends Exception {
  private static final long serialVersionUID = 1;

  UnusablePem(String setting, String rule) {
    super(setting + ": " + rule, null, false, false);
  }
}
