package io.carechat.api.runtime;

/**
 * Sends responses that are held in memory until the caller has read them. It can limit how many
 * there are.
 *
 * @param <C> the type that represents an admitted caller
 */
@FunctionalInterface
public interface ResponseSender<C> {

  /**
   * Sends a response, or throws an exception before any of it was sent. Called by many threads at
   * once.
   *
   * @param caller the caller
   * @param bytes the length of the body
   * @param send sends the response, and returns when the caller has received all of it
   */
  void send(C caller, int bytes, Runnable send);
}
