/** The operations on the records of chats: erasing, restricting and holding them. */
@NullMarked
package io.carechat.rest.records;

import org.jspecify.annotations.NullMarked;
