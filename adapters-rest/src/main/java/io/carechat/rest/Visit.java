package io.carechat.rest;

import io.carechat.domain.Caller;

/**
 * A request that was admitted.
 *
 * @param requestId names it, in the answer and in our logs
 */
record Visit(Caller caller, String requestId) {}
