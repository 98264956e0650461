package io.carechat.rest;

import io.carechat.domain.Caller;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * A request that was admitted.
 *
 * @param requestId names it, in the answer and in our logs
 * @param callerNow looks the credential up again, for what goes on for long: empty once it has
 *     expired or was revoked. May throw {@link io.carechat.domain.Unavailable}
 */
record Visit(Caller caller, String requestId, Supplier<Optional<Caller>> callerNow) {}
