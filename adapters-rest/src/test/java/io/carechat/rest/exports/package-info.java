@NullMarked
package io.carechat.rest.exports;

import org.jspecify.annotations.NullMarked;
