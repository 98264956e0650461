/** The search index: filling it from the log, rebuilding it, and comparing it with the log. */
@NullMarked
package io.carechat.domain.search.index;

import org.jspecify.annotations.NullMarked;
