/** Following the event log from outside: pulled page by page, or as a stream. */
@NullMarked
package io.carechat.domain.feeds;

import org.jspecify.annotations.NullMarked;
