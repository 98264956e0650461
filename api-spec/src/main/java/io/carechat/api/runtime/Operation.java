package io.carechat.api.runtime;

import java.util.Set;

/**
 * An operation of the contract. While a request is served, its operation is in the request's
 * context ({@code request.context().get(Operation.class)}), from before it is admitted; a request
 * for an unknown path or method has none.
 *
 * @param id the contract's {@code operationId}
 * @param method the HTTP method, in capitals
 * @param route the path as the contract has it, with its parameters' names in braces; safe for logs
 *     and metrics
 * @param group which operations share a rate limit: the contract's {@code x-carechat-group}, or
 *     "meta" where it has none
 * @param parameters the names of its path, query and header parameters
 */
public record Operation(
    String id, String method, String route, String group, Set<String> parameters) {
  /** The parameters are copied. */
  public Operation {
    parameters = Set.copyOf(parameters);
  }
}
