package io.carechat.rest.meta;

import java.util.List;

/** Finds out whether the service can do its work. Safe for use by many threads. */
@FunctionalInterface
public interface Readiness {

  /** Checks the state now. It must return within two seconds and must not throw. */
  State now();

  /**
   * The result of a check.
   *
   * @param ready whether messages can be accepted and reads answered
   * @param checks the state of each dependency; the service may be ready although one of them is
   *     down
   */
  record State(boolean ready, List<Check> checks) {
    /** Copies the list. */
    public State {
      checks = List.copyOf(checks);
    }
  }

  /**
   * The state of one dependency.
   *
   * @param name the name of the dependency, such as {@code database}; it may be shown to anybody
   * @param up whether the dependency works
   */
  record Check(String name, boolean up) {}
}
