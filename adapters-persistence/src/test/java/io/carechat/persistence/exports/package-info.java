@NullMarked
package io.carechat.persistence.exports;

import org.jspecify.annotations.NullMarked;
