@NullMarked
package io.carechat.domain.chat;

import org.jspecify.annotations.NullMarked;
