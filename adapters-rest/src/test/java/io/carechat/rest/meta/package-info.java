@NullMarked
package io.carechat.rest.meta;

import org.jspecify.annotations.NullMarked;
