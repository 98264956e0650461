@NullMarked
package io.carechat.persistence.messages;

import org.jspecify.annotations.NullMarked;
