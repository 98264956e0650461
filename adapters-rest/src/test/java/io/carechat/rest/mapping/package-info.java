@NullMarked
package io.carechat.rest.mapping;

import org.jspecify.annotations.NullMarked;
