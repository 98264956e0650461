@NullMarked
package io.carechat.rest.messages;

import org.jspecify.annotations.NullMarked;
