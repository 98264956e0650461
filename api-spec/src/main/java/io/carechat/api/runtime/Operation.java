package io.carechat.api.runtime;

import java.util.Set;

/**
 * An operation of the contract. While a request is served, its operation is in the request's
 * context, even before the request is admitted: {@code request.context().get(Operation.class)}. A
 * request for an unknown path or method has no operation.
 *
 * @param id the contract's {@code operationId}
 * @param method the HTTP method, in capitals
 * @param route the path in the contract, with the names of its parameters in braces; safe for logs
 *     and metrics
 * @param group the group of operations that share a rate limit: the contract's {@code
 *     x-carechat-group}, or "meta" if there is none
 * @param parameters the names of the path, query and header parameters
 */
public record Operation(
    String id, String method, String route, String group, Set<String> parameters) {
  /** Copies the parameters. */
  public Operation {
    parameters = Set.copyOf(parameters);
  }
}
