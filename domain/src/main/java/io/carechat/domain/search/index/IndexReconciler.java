package io.carechat.domain.search.index;

import io.carechat.domain.chat.Message;
import io.carechat.domain.chat.MessageKey;
import io.carechat.domain.chat.MessageRef;
import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.chat.Unavailable;
import io.carechat.domain.events.ChatEvent;
import io.carechat.domain.events.EventLog;
import io.carechat.domain.events.InstanceEvent;
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
 * Compares the index with the log, a lot at a time, and mends what differs, whoever did it: the log
 * is right. One walk goes along the log and finds messages whose documents are missing or
 * different; the other along the documents and finds those that belong to no message. Both begin
 * anywhere, so that no part is always reached last, and go round and round.
 *
 * <p>{@link #step} is for one thread; the counts may be read by any.
 */
public final class IndexReconciler {
  private final EventLog events;
  private final MessageLog log;
  private final FollowedIndex index;
  private final IndexDocuments documents;
  private final RandomGenerator random;
  private final int lot;
  private final LongAdder compared = new LongAdder();
  private final LongAdder missing = new LongAdder();
  private final LongAdder different = new LongAdder();
  private final LongAdder superfluous = new LongAdder();
  private final LongAdder mended = new LongAdder();
  private @Nullable LogPosition inLog;
  private @Nullable MessageKey inIndex;

  /**
   * @param index the same as the documents'
   * @param lot how many messages, and how many documents, a step looks at; 1 or more
   */
  public IndexReconciler(
      EventLog events,
      MessageLog log,
      FollowedIndex index,
      IndexDocuments documents,
      RandomGenerator random,
      int lot) {
    this.events = events;
    this.log = log;
    this.index = index;
    this.documents = documents;
    this.random = random;
    this.lot = lot;
  }

  /**
   * What was done since this was made.
   *
   * @param compared messages and documents that were looked at, each as often as it was
   * @param missing messages without a document, each time one was found
   * @param different messages with another document than theirs
   * @param superfluous documents of no message
   * @param mended how many of these three were put right
   */
  public record Counts(
      long compared, long missing, long different, long superfluous, long mended) {}

  /** What was done so far. */
  public Counts counts() {
    return new Counts(
        compared.sum(), missing.sum(), different.sum(), superfluous.sum(), mended.sum());
  }

  /**
   * Takes the next step of both walks.
   *
   * @throws Unavailable if the log or the index is away, or the index changed meanwhile; what was
   *     found and not mended is found again on the next round
   */
  public void step() {
    LogPosition upTo = index.indexedUpTo();
    if (upTo.equals(LogPosition.START)) {
      // Nothing has to be there yet, and what is may be from a lot that is being indexed.
      return;
    }
    alongLog(upTo);
    alongIndex();
  }

  private void alongLog(LogPosition upTo) {
    LogPosition at = inLog;
    LogPosition from = at == null ? anywhereBefore(upTo) : at;
    List<LoggedEvent> next =
        events.read(from, lot).stream()
            .filter(logged -> logged.position().compareTo(upTo) <= 0)
            .toList();
    var messages = new ArrayList<Message>();
    for (LoggedEvent logged : next) {
      switch (logged.event()) {
        case ChatEvent.MessageSent(Message message) -> messages.add(message);
        case ChatEvent.ChatRead read -> {}
        case InstanceEvent.EndpointDisabled disabled -> {}
      }
    }
    if (at == null && !messages.isEmpty()) {
      inIndex = MessageKey.startOf(messages.getFirst().createdAt());
    }
    if (!messages.isEmpty()) {
      IndexDocuments.Comparison found = documents.compare(upTo, messages);
      compared.add(messages.size());
      missing.add(found.missing().size());
      different.add(found.different().size());
      var faulty = new ArrayList<Message>(found.missing());
      faulty.addAll(found.different());
      mend(faulty, List.of());
    }
    inLog = next.size() < lot ? LogPosition.START : next.getLast().position();
  }

  private LogPosition anywhereBefore(LogPosition upTo) {
    long transaction = upTo.transaction();
    return transaction <= 0 ? LogPosition.START : new LogPosition(random.nextLong(transaction), 0);
  }

  private void alongIndex() {
    IndexDocuments.Row row = documents.read(inIndex, lot);
    List<MessageRef> claimed =
        row.documents().stream().flatMap(document -> document.message().stream()).toList();
    Set<MessageRef> real = existing(claimed);
    List<IndexDocuments.Document> strays =
        row.documents().stream()
            .filter(document -> document.message().filter(real::contains).isEmpty())
            .toList();
    compared.add(row.documents().size());
    superfluous.add(strays.size());
    mend(List.of(), strays);
    inIndex = row.last();
  }

  private Set<MessageRef> existing(Collection<MessageRef> claimed) {
    Map<TenantInstance, List<MessageRef>> byInstance =
        claimed.stream().collect(Collectors.groupingBy(message -> message.chat().instance()));
    var existing = new HashSet<MessageRef>();
    byInstance.forEach((instance, ofInstance) ->
        log.findAll(instance, ofInstance).forEach(message -> existing.add(MessageRef.of(message))));
    return existing;
  }

  private void mend(List<Message> write, List<IndexDocuments.Document> delete) {
    if (!write.isEmpty() || !delete.isEmpty()) {
      documents.mend(write, delete);
      mended.add(write.size() + (long) delete.size());
    }
  }
}
