@NullMarked
package io.carechat.domain.events;

import org.jspecify.annotations.NullMarked;
