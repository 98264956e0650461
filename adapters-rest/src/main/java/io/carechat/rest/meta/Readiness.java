package io.carechat.rest.meta;
import java.util.List;

/** Says whether the service can do its work now. Safe for use by many threads. */
@FunctionalInterface
public interface Readiness {

  /** Looks now. Must answer within a second or two, and not throw. */
  State now();

  /**
   * What was found.
   *
   * @param ready whether messages can be accepted and reads answered
   * @param checks each thing that the service depends on; one that is down need not make the
   *     service unready
   */
  record State(boolean ready, List<Check> checks) {
    public State {
      checks = List.copyOf(checks);
    }
  }

  /**
   * The state of one thing.
   *
   * @param name which thing, fit to be shown to anybody: {@code database}
   */
  record Check(String name, boolean up) {}
}
