package io.carechat.api.runtime;

import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;

/**
 * Decides which requests are admitted. It runs before the rest of the request is checked. So a
 * caller without a credential learns nothing about the rules of the contract and causes little
 * work.
 *
 * @param <C> the type that represents an admitted caller
 */
@FunctionalInterface
public interface Admission<C> {

  /**
   * Returns the caller of a request, or throws an exception to refuse the request. Called by many
   * threads at once.
   *
   * @param operation the operation that is called
   * @param request the request; its parameters are not checked yet and its body is not read
   * @param response may get headers that every response to this request should have; it must not be
   *     sent
   * @return the caller
   */
  C admit(Operation operation, ServerRequest request, ServerResponse response);
}
