@NullMarked
package io.carechat.domain.exports;

import org.jspecify.annotations.NullMarked;
