/** Reading the event log from outside the service: page by page, or as a stream. */
@NullMarked
package io.carechat.domain.feeds;

import org.jspecify.annotations.NullMarked;
