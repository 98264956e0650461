package io.carechat.contracttests.generated;

import java.util.function.Consumer;

/**
 * One thing that is changed in a good request.
 *
 * @param what in words, for the report of a failure
 */
record Change(String what, Consumer<WireRequest> to) {
  @Override
  public String toString() {
    return what;
  }
}
