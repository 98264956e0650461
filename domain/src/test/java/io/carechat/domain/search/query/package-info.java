@NullMarked
package io.carechat.domain.search.query;

import org.jspecify.annotations.NullMarked;
