package io.carechat.domain.records;

import io.carechat.domain.chat.ChatId;
import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.chat.Unavailable;
import java.time.Instant;
import java.util.List;

/**
 * The chats whose time is over. Safe for use by many threads. Every method may throw {@link
 * Unavailable}.
 */
public interface RetentionCandidates {
  /** Returns the instances that have chats, in any order. */
  List<TenantInstance> instances();

  /**
   * Returns chats of an instance whose newest message was created before a time, those that have
   * been quiet longest first. Chats that are held, restricted or being erased are not among them.
   */
  List<ChatId> quietSince(TenantInstance instance, Instant before, int limit);
}
