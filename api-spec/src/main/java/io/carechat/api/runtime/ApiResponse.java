package io.carechat.api.runtime;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * An answer of the contract. The generated code has a record for each status that an operation may
 * answer with.
 */
public interface ApiResponse {

  /** The HTTP status. */
  int status();

  /** What is written as JSON, as a problem if the status is 400 or more; null for no body. */
  @Nullable Object body();

  /**
   * Tells the headers that the contract has for this answer in particular.
   *
   * @param to takes each header's name and value
   */
  void headers(BiConsumer<String, String> to);
}
