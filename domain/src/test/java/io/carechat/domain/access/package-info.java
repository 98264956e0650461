@NullMarked
package io.carechat.domain.access;

import org.jspecify.annotations.NullMarked;
