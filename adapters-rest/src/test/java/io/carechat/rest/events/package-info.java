@NullMarked
package io.carechat.rest.events;

import org.jspecify.annotations.NullMarked;
