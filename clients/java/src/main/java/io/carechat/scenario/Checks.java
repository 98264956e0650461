package io.carechat.scenario;

import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** Runs steps, checks each of them, and prints the result. */
final class Checks {

  private Checks() {}

  /**
   * Runs a step and prints that it succeeded. The first difference ends the program with status 1.
   */
  static <T> T check(String what, Callable<T> step) {
    try {
      T result = step.call();
      System.out.println("ok    " + what);
      return result;
    } catch (Exception | AssertionError fault) {
      System.err.println("FAIL  " + what);
      fault.printStackTrace();
      System.exit(1);
      throw new AssertionError(fault);
    }
  }

  /** Like {@link #check(String, Callable)}, for a step without a result. */
  static void check(String what, Step step) {
    boolean _ =
        check(
            what,
            () -> {
              step.run();
              return true;
            });
  }

  static void equal(@Nullable Object actual, @Nullable Object expected) {
    if (!Objects.equals(actual, expected)) {
      throw new AssertionError("expected " + expected + "\nbut it was " + actual);
    }
  }

  static void isTrue(boolean holds, String what) {
    if (!holds) {
      throw new AssertionError(what);
    }
  }

  /** Waits until a condition holds, for half a minute at most. */
  static void until(String what, BooleanSupplier holds) throws InterruptedException {
    Instant deadline = Instant.now().plus(Duration.ofSeconds(30));
    while (!holds.getAsBoolean()) {
      isTrue(Instant.now().isBefore(deadline), what + " within 30 s");
      Thread.sleep(50);
    }
  }

  /** A variable of data/demo.env. If it is missing, the program ends with status 2. */
  static String setting(String name) {
    String value = System.getenv(name);
    if (value == null || value.isEmpty()) {
      System.err.println(
          name
              + " is not set. \"./carechat clients\" sets it, and so does data/demo.env of a running"
              + " carechat.");
      System.exit(2);
      throw new AssertionError(name);
    }
    return value;
  }

  /** A step without a result. */
  interface Step {
    void run() throws Exception;
  }
}
