/** What every request passes through: credentials, limits, problems, logs. */
@NullMarked
package io.carechat.rest.http;

import org.jspecify.annotations.NullMarked;
