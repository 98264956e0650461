package io.carechat.domain.search.index;

import io.carechat.domain.chat.Message;
import io.carechat.domain.chat.MessageKey;
import io.carechat.domain.chat.MessageRef;
import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.chat.Unavailable;
import io.carechat.domain.events.EventLog;
import io.carechat.domain.events.LogPosition;
import io.carechat.domain.events.LoggedEvent;
import io.carechat.domain.messages.MessageLog;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.LongAdder;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Compares the index with the log, one batch at a time, and repairs the differences, whatever
 * caused them. The log is the source of truth. One scan goes through the log and finds messages
 * whose documents are missing or different. The other scan goes through the documents and finds
 * those that belong to no message. Both scans begin at a random position, so that no part is always
 * reached last, and start again when they have reached the end.
 *
 * <p>{@link #step} is for one thread. The counts may be read by any thread.
 */
public final class IndexReconciler {
  private final EventLog events;
  private final MessageLog log;
  private final FollowedIndex index;
  private final IndexDocuments documents;
  private final RandomGenerator random;
  private final int batchSize;
  private final LongAdder compared = new LongAdder();
  private final LongAdder missing = new LongAdder();
  private final LongAdder different = new LongAdder();
  private final LongAdder superfluous = new LongAdder();
  private final LongAdder repaired = new LongAdder();
  private @Nullable LogPosition nextInLog;
  private @Nullable MessageKey nextInIndex;

  /**
   * @param events the event log
   * @param log the messages
   * @param index the index
   * @param documents the documents of the same index
   * @param random chooses where the scans begin
   * @param batchSize how many events and how many documents a step reads, 1 or more each
   */
  public IndexReconciler(
      EventLog events,
      MessageLog log,
      FollowedIndex index,
      IndexDocuments documents,
      RandomGenerator random,
      int batchSize) {
    this.events = events;
    this.log = log;
    this.index = index;
    this.documents = documents;
    this.random = random;
    this.batchSize = batchSize;
  }

  /**
   * What was done since this object was made.
   *
   * @param compared how many messages and documents were checked; one that was checked twice counts
   *     twice
   * @param missing how often a message without a document was found
   * @param different how often a message with a document that differs was found
   * @param superfluous how often a document without a message was found
   * @param repaired how many of these three kinds of errors were repaired
   */
  public record Counts(
      long compared, long missing, long different, long superfluous, long repaired) {}

  /** Returns what was done so far. */
  public Counts counts() {
    return new Counts(
        compared.sum(), missing.sum(), different.sum(), superfluous.sum(), repaired.sum());
  }

  /**
   * Takes the next step of both scans.
   *
   * @throws Unavailable if the log or the index is unavailable, or the index has changed meanwhile.
   *     Errors that were found and not repaired are found again in the next round.
   */
  public void step() {
    LogPosition upTo = index.indexedUpTo();
    if (upTo.equals(LogPosition.START)) {
      // The index is new, so no document has to exist yet. Existing ones may be of a batch that is
      // being indexed.
      return;
    }
    checkLog(upTo);
    checkDocuments();
  }

  private void checkLog(LogPosition upTo) {
    LogPosition start = nextInLog;
    LogPosition from = start == null ? randomPositionBefore(upTo) : start;
    List<LoggedEvent> next =
        events.read(from, batchSize).stream()
            .filter(logged -> logged.position().compareTo(upTo) <= 0)
            .toList();
    List<Message> messages = IndexedMessages.of(next);
    if (start == null && !messages.isEmpty()) {
      nextInIndex = MessageKey.startOf(messages.getFirst().createdAt());
    }
    if (!messages.isEmpty()) {
      IndexDocuments.Comparison found = documents.compare(upTo, messages);
      compared.add(messages.size());
      missing.add(found.missing().size());
      different.add(found.different().size());
      var wrong = new ArrayList<Message>(found.missing());
      wrong.addAll(found.different());
      repair(wrong, List.of());
    }
    nextInLog = next.size() < batchSize ? LogPosition.START : next.getLast().position();
  }

  private LogPosition randomPositionBefore(LogPosition upTo) {
    long transaction = upTo.transaction();
    return transaction <= 0 ? LogPosition.START : new LogPosition(random.nextLong(transaction), 0);
  }

  private void checkDocuments() {
    IndexDocuments.Row row = documents.read(nextInIndex, batchSize);
    List<MessageRef> referenced =
        row.documents().stream().flatMap(document -> document.message().stream()).toList();
    Set<MessageRef> existing = existing(referenced);
    List<IndexDocuments.Document> orphans =
        row.documents().stream()
            .filter(document -> document.message().filter(existing::contains).isEmpty())
            .toList();
    compared.add(row.documents().size());
    superfluous.add(orphans.size());
    repair(List.of(), orphans);
    nextInIndex = row.last();
  }

  private Set<MessageRef> existing(Collection<MessageRef> referenced) {
    Map<TenantInstance, List<MessageRef>> byInstance =
        referenced.stream().collect(Collectors.groupingBy(message -> message.chat().instance()));
    var existing = new HashSet<MessageRef>();
    byInstance.forEach((instance, ofInstance) ->
        log.findAll(instance, ofInstance).forEach(message -> existing.add(MessageRef.of(message))));
    return existing;
  }

  private void repair(List<Message> write, List<IndexDocuments.Document> delete) {
    if (!write.isEmpty() || !delete.isEmpty()) {
      documents.repair(write, delete);
      repaired.add(write.size() + (long) delete.size());
    }
  }
}
