package io.carechat.domain.records;

import io.carechat.domain.chat.ChatId;
import io.carechat.domain.chat.Unavailable;
import java.time.Instant;
import java.util.List;

/**
 * The erasures that have begun, kept outside the database. So a database that was restored from an
 * older backup can be told what it must not bring back. Safe for use by many threads.
 */
public interface ErasureLedger {
  /**
   * An erasure that has begun.
   *
   * @param id the id of the erasure
   * @param chat the chat
   * @param reason why
   * @param requestedAt when it was requested, in whole milliseconds
   * @param requestedBy the id of the credential
   * @param through messages that were created up to this time are erased, in whole milliseconds
   */
  record Entry(
      ErasureId id,
      ChatId chat,
      ErasureReason reason,
      Instant requestedAt,
      String requestedBy,
      Instant through) {}

  /** Returns the id of the ledger, which no other ledger has. */
  String id();

  /** Returns all entries, in the order in which they were appended. */
  List<Entry> entries();

  /**
   * Appends an entry, unless one with its id is there. When this returns, it is on the disk.
   *
   * @throws Unavailable if it cannot be written; it is then unknown whether it was
   */
  void append(Entry entry);
}
