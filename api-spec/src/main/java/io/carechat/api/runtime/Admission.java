package io.carechat.api.runtime;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;

/**
 * Decides who may come in. It runs before anything of the request is checked, so that someone
 * without a credential learns nothing about the contract's rules, and spends nothing but the
 * credential's rate.
 *
 * @param <C> who is calling
 */
@FunctionalInterface
public interface Admission<C> {

  /**
   * Tells who is calling, or refuses by throwing. Called by many threads at once.
   *
   * @param operation what is asked for
   * @param request the request; its parameters are not checked yet, its body not read
   * @param response for headers that every answer should have; not to be sent here
   * @return who is calling
   */
  C admit(Operation operation, ServerRequest request, ServerResponse response);
}
