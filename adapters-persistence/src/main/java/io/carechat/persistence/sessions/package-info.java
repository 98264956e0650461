/** People who are signed in with a browser. */
@NullMarked
package io.carechat.persistence.sessions;

import org.jspecify.annotations.NullMarked;
