@NullMarked
package io.carechat.domain.search;

import org.jspecify.annotations.NullMarked;
