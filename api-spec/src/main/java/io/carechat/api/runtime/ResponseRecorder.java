package io.carechat.api.runtime;

/**
 * Records responses before they are sent, such as in an audit.
 *
 * @param <C> the type that represents an admitted caller
 */
@FunctionalInterface
public interface ResponseRecorder<C> {

  /**
   * Records the response to a request that was carried out. Returns when the record is durable, or
   * throws an exception, so that nothing of the response is sent. Called by many threads at once.
   *
   * @param caller the caller
   * @param answer the response that is about to be sent
   */
  void record(C caller, ApiResponse answer);
}
