/** Files with the messages of a chat or of a whole instance, which are made in the background. */
@NullMarked
package io.carechat.domain.exports;

import org.jspecify.annotations.NullMarked;
