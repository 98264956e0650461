package io.carechat.api.runtime;

import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * A response of the contract. The generated code has a record for each status that an operation may
 * respond with.
 */
public interface ApiResponse {

  /** Returns the HTTP status. */
  int status();

  /**
   * Returns the body, which is written as JSON, or as a problem if the status is 400 or more. Null
   * means that there is no body.
   */
  @Nullable Object body();

  /**
   * Passes on the headers that the contract has for this response.
   *
   * @param to accepts the name and the value of each header
   */
  void headers(BiConsumer<String, String> to);
}
