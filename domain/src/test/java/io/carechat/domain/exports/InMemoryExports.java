package io.carechat.domain.exports;

import io.carechat.domain.chat.ChatId;
import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.chat.Unavailable;
import io.carechat.domain.events.ChatEvent;
import io.carechat.domain.events.LogPosition;
import io.carechat.domain.events.LoggedEvent;
import io.carechat.domain.messages.IdempotencyKey;
import io.carechat.domain.messages.InMemoryMessageLog;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Exports without a database. */
public final class InMemoryExports implements ExportStore, ExportQueue, ExportedMessages {
  private record Id(TenantInstance instance, ExportId id) {}

  private static final class Row {
    private final NewExport asked;
    private final LogPosition through;
    private ExportState state = ExportState.WAITING;
    private ExportProgress progress = ExportProgress.NONE;
    private final TreeMap<Long, byte[]> parts = new TreeMap<>();
    private LogPosition after = LogPosition.START;
    private @Nullable UUID worker;
    private Instant leaseEnd = Instant.MIN;
    private int attempts;
    private int erasures;
    private @Nullable String sha256;
    private @Nullable Instant finishedAt;
    private Instant expiresAt;

    Row(NewExport asked, LogPosition through, Instant expiresAt) {
      this.asked = asked;
      this.through = through;
      this.expiresAt = expiresAt;
    }

    Export export() {
      return new Export(
          asked.id(),
          asked.request(),
          asked.createdAt(),
          through,
          state,
          progress,
          sha256,
          finishedAt,
          expiresAt);
    }

    boolean counts() {
      return state == ExportState.WAITING
          || state == ExportState.RUNNING
          || state == ExportState.DONE;
    }

    boolean isOf(Kind kind) {
      return (asked.request().source() instanceof ExportSource.OfInstance)
          == (kind == Kind.INSTANCES);
    }
  }

  private final InMemoryMessageLog log;
  private final Map<Id, Row> rows = new LinkedHashMap<>();
  private final Map<TenantInstance, Integer> erasures = new HashMap<>();
  private boolean away;

  /** Run before a part is read, with the place of the wanted byte. */
  public volatile Runnable beforePart = () -> {};

  /** Whether events may still appear before the positions of exports. */
  public volatile boolean logIsBehind;

  /**
   * @param log the messages
   */
  public InMemoryExports(InMemoryMessageLog log) {
    this.log = log;
  }

  /** Makes every further call fail, or succeed again. */
  public synchronized void setAway(boolean isAway) {
    away = isAway;
  }

  private void requireThere() {
    if (away) {
      throw new Unavailable("the store is away", Duration.ofSeconds(3));
    }
  }

  @Override
  public synchronized ExportResult.OfCreate create(NewExport export, ExportLimits limits) {
    requireThere();
    TenantInstance instance = export.request().source().instance();
    List<Row> all =
        rows.entrySet().stream()
            .filter(each -> each.getKey().instance().equals(instance))
            .map(Map.Entry::getValue)
            .toList();
    IdempotencyKey key = export.key();
    for (Row row : all) {
      if (key != null && key.equals(row.asked.key()) && row.asked.owner().equals(export.owner())) {
        return row.asked.request().equals(export.request())
            ? new ExportResult.Replayed(row.export())
            : new ExportResult.KeyReused();
      }
    }
    if (all.stream().filter(row -> row.counts() && row.asked.owner().equals(export.owner())).count()
        >= limits.perCaller()) {
      return new ExportResult.TooManyOfCaller(limits.perCaller());
    }
    if (all.stream().filter(Row::counts).count() >= limits.perInstance()) {
      return new ExportResult.TooManyOfInstance(limits.perInstance());
    }
    Row row = new Row(export, log.end(), export.createdAt().plus(limits.kept()));
    rows.put(new Id(instance, export.id()), row);
    return new ExportResult.Created(row.export());
  }

  @Override
  public synchronized Optional<Export> find(TenantInstance instance, ExportId id) {
    requireThere();
    return Optional.ofNullable(rows.get(new Id(instance, id))).map(Row::export);
  }

  @Override
  public Optional<FilePart> part(TenantInstance instance, ExportId id, long at) {
    beforePart.run();
    return found(instance, id, at);
  }

  private synchronized Optional<FilePart> found(TenantInstance instance, ExportId id, long at) {
    requireThere();
    return Optional.ofNullable(rows.get(new Id(instance, id)))
        .flatMap(row -> Optional.ofNullable(row.parts.floorEntry(at)))
        .map(part -> new FilePart(part.getKey(), part.getValue()))
        .filter(part -> at < part.end());
  }

  @Override
  public synchronized boolean delete(TenantInstance instance, ExportId id) {
    requireThere();
    return rows.remove(new Id(instance, id)) != null;
  }

  @Override
  public synchronized void deleteOfChat(ChatId chat) {
    requireThere();
    erasures.merge(chat.instance(), 1, Integer::sum);
    rows.values()
        .removeIf(row -> row.asked.request().source().equals(new ExportSource.OfChat(chat)));
    for (Row row : rows.values()) {
      if (row.asked.request().source().equals(new ExportSource.OfInstance(chat.instance()))
          && row.counts()) {
        row.state = ExportState.DISCARDED;
        row.worker = null;
        row.parts.clear();
      }
    }
  }

  // --- the queue ---

  @Override
  public synchronized Optional<Claim> claim(UUID worker, Kind kind, Instant now, Instant leaseEnd) {
    requireThere();
    return rows.values().stream()
        .filter(row -> row.isOf(kind))
        .filter(row ->
            switch (row.state) {
              case RUNNING -> worker.equals(row.worker) || !row.leaseEnd.isAfter(now);
              case WAITING -> hasNoneRunning(row, kind);
              case DONE, FAILED, DISCARDED -> false;
            })
        .min(
            Comparator.<Row, Boolean>comparing(row -> row.state == ExportState.WAITING)
                .thenComparing(row -> row.asked.createdAt()))
        .map(row -> {
          row.state = ExportState.RUNNING;
          row.worker = worker;
          row.leaseEnd = leaseEnd;
          row.attempts++;
          row.erasures = erasuresOf(row);
          return new Claim(row.export(), worker, row.after, row.attempts);
        });
  }

  private boolean hasNoneRunning(Row waiting, Kind kind) {
    return rows.values().stream()
        .noneMatch(row ->
            row.state == ExportState.RUNNING
                && row.isOf(kind)
                && instance(row).equals(instance(waiting)));
  }

  private static TenantInstance instance(Row row) {
    return row.asked.request().source().instance();
  }

  private int erasuresOf(Row row) {
    return erasures.getOrDefault(instance(row), 0);
  }

  private @Nullable Row claimed(Claim claim, ExportProgress before) {
    requireThere();
    Row row = rows.get(new Id(claim.export().request().source().instance(), claim.export().id()));
    return row != null
            && row.state == ExportState.RUNNING
            && claim.worker().equals(row.worker)
            && row.progress.bytes() == before.bytes()
            && row.erasures == erasuresOf(row)
        ? row
        : null;
  }

  @Override
  public synchronized boolean append(
      Claim claim,
      ExportProgress before,
      ExportProgress progress,
      LogPosition after,
      byte[] part,
      Instant leaseEnd,
      Instant expiresAt) {
    Row row = claimed(claim, before);
    if (row == null) {
      return false;
    }
    if (part.length > 0) {
      row.parts.put(before.bytes(), part);
    }
    row.attempts = row.after.equals(after) ? row.attempts : 0;
    row.progress = progress;
    row.after = after;
    row.leaseEnd = leaseEnd;
    row.expiresAt = expiresAt;
    return true;
  }

  @Override
  public synchronized boolean finish(
      Claim claim, ExportProgress progress, String sha256, Instant finishedAt, Instant expiresAt) {
    Row row = claimed(claim, progress);
    if (row == null) {
      return false;
    }
    row.state = ExportState.DONE;
    row.worker = null;
    row.sha256 = sha256;
    row.finishedAt = finishedAt;
    row.expiresAt = expiresAt;
    return true;
  }

  @Override
  public synchronized void fail(Claim claim, Instant failedAt) {
    requireThere();
    Row row = rows.get(new Id(claim.export().request().source().instance(), claim.export().id()));
    if (row != null && claim.worker().equals(row.worker)) {
      row.state = ExportState.FAILED;
      row.worker = null;
      row.finishedAt = failedAt;
      row.parts.clear();
    }
  }

  @Override
  public synchronized boolean removeEnded(Instant now, int limit) {
    requireThere();
    List<Id> ended =
        rows.entrySet().stream()
            .filter(each -> !each.getValue().expiresAt.isAfter(now))
            .limit(limit)
            .map(Map.Entry::getKey)
            .toList();
    ended.forEach(rows::remove);
    return ended.size() == limit;
  }

  // --- the messages ---

  @Override
  public boolean isComplete(LogPosition through) {
    return !logIsBehind && log.end().compareTo(through) >= 0;
  }

  @Override
  public Batch read(ExportRequest request, LogPosition after, LogPosition through, int limit) {
    List<LoggedEvent> events =
        switch (request.source()) {
          case ExportSource.OfChat(var chat) -> log.read(chat, after, limit);
          case ExportSource.OfInstance(var instance) -> log.read(instance, after, limit);
        };
    var entries = new ArrayList<Entry>();
    LogPosition last = after;
    boolean isLast = events.size() < limit;
    for (LoggedEvent event : events) {
      if (event.position().compareTo(through) > 0) {
        isLast = true;
        break;
      }
      last = event.position();
      if (event.event() instanceof ChatEvent.MessageSent(var message)
          && request.includes(message.createdAt())) {
        entries.add(new Entry(event.position(), message));
      }
    }
    return new Batch(entries, last, isLast);
  }
}
