/** The records of chats: erasing them, restricting them, and holding them for a legal matter. */
@NullMarked
package io.carechat.domain.records;

import org.jspecify.annotations.NullMarked;
