package io.carechat.api.runtime;

/**
 * Decides when an answer is sent that is held in memory until its reader has taken it.
 *
 * @param <C> who is calling
 */
@FunctionalInterface
public interface Sending<C> {

  /**
   * Sends an answer, or refuses by throwing before anything of it was sent. Called by many threads
   * at once.
   *
   * @param bytes how long its body is
   * @param send sends it; returns when all of it was taken
   */
  void send(C caller, int bytes, Runnable send);
}
