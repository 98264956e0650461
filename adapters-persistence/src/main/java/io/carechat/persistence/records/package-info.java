/**
 * The records of chats in PostgreSQL: erasures, restrictions, legal holds. Every transaction that
 * changes them locks in this order: the chat's advisory lock ({@link
 * io.carechat.persistence.events.LogOrder#enterChats}), the cursor of planning, the chat's lanes,
 * and then rows. So what concerns one chat happens one after the other, and with the messages that
 * are stored.
 */
@NullMarked
package io.carechat.persistence.records;

import org.jspecify.annotations.NullMarked;
