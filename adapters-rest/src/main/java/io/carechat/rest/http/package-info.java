/** What every request passes through: authentication, limits, problems and logs. */
@NullMarked
package io.carechat.rest.http;

import org.jspecify.annotations.NullMarked;
