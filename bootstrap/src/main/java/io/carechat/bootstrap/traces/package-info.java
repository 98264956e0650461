/** Traces, by OpenTelemetry. */
@NullMarked
package io.carechat.bootstrap.traces;

import org.jspecify.annotations.NullMarked;
