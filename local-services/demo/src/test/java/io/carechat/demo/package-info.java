/** The demonstration's scenarios, tried as a partner would. */
@NullMarked
package io.carechat.demo;

import org.jspecify.annotations.NullMarked;
