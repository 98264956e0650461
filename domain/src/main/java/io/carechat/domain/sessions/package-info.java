/** People who are signed in with a browser, and how they come in. */
@NullMarked
package io.carechat.domain.sessions;

import org.jspecify.annotations.NullMarked;
