/** The log of the process: how lines look, and how they reach the console. */
@NullMarked
package io.carechat.bootstrap.logs;

import org.jspecify.annotations.NullMarked;
