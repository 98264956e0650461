/** Page tokens as the contract writes them: how they are encoded and decoded. */
@NullMarked
package io.carechat.rest.paging;

import org.jspecify.annotations.NullMarked;
