@NullMarked
package io.carechat.domain.feeds;

import org.jspecify.annotations.NullMarked;
