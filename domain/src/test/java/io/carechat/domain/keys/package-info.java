/** Tests of keys, with a registry in memory and the contract of every registry. */
@NullMarked
package io.carechat.domain.keys;

import org.jspecify.annotations.NullMarked;
