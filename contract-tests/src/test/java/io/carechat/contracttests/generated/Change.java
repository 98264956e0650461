package io.carechat.contracttests.generated;

import java.util.function.Consumer;

/**
 * One change of a good request.
 *
 * @param what describes the change in the report of a failure
 */
record Change(String what, Consumer<WireRequest> to) {
  @Override
  public String toString() {
    return what;
  }
}
