package io.carechat.rest.events;

import io.carechat.domain.access.AccessDenied;
import io.carechat.domain.access.Caller;
import java.util.Optional;
import io.carechat.api.Event;
import io.carechat.api.runtime.Json;
import io.carechat.api.runtime.StreamedBody;
import io.carechat.domain.chat.Unavailable;
import io.carechat.domain.events.LoggedEvent;
import io.carechat.domain.feeds.Feed;
import io.carechat.domain.feeds.FeedReader;
import io.carechat.rest.http.ConnectionMonitor;
import io.carechat.rest.http.ErrorLog;
import io.carechat.rest.http.RequestContext;
import io.helidon.webserver.CloseConnectionException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * A feed as server-sent events (WHATWG HTML, section 9.2). Its thread reads the log and writes to the
 * reader's socket. While the reader takes nothing the thread stands still; then it goes on where it
 * was.
 */
final class EventStream implements StreamedBody {
  /** How many events are taken from the log at a time, at most. */
  private static final int BATCH = 100;

  /**
   * How long their texts may be together, in UTF-16 code units. A stream holds one batch while
   * its reader takes nothing, and there may be thousands of streams.
   */
  private static final int BATCH_TEXT = 32_768;

  /** Small events are written together until they are as many bytes as this. */
  private static final int PIECE = 16_384;

  private static final byte[] HEARTBEAT = ":\n\n".getBytes(StandardCharsets.US_ASCII);

  /** How long a browser waits before it connects again. */
  private static final String RETRY = "retry: 2000\n";

  private final RequestContext context;
  private final Feed feed;
  private final FeedReader reader;
  private final StreamPermits.Permit permit;
  private final ConnectionMonitor.Exchange exchange;
  private final StreamLimits limits;
  private final Instant opened;

  /**
   * @param reader is closed with this
   * @param permit is closed with this
   * @param opened now, to the millisecond
   */
  EventStream(
      RequestContext context,
      Feed feed,
      FeedReader reader,
      StreamPermits.Permit permit,
      ConnectionMonitor.Exchange exchange,
      StreamLimits limits,
      Instant opened) {
    this.context = context;
    this.feed = feed;
    this.reader = reader;
    this.permit = permit;
    this.exchange = exchange;
    this.limits = limits;
    this.opened = opened;
  }

  @Override
  public void close() {
    reader.close();
    permit.close();
  }

  @Override
  public void writeTo(OutputStream out) {
    try {
      write(out, opening());
      follow(out);
    } catch (InterruptedException e) {
      // The server is being stopped, and has waited long enough.
      Thread.currentThread().interrupt();
    }
  }

  /** Until the service stops, or the credential is not valid any more. */
  private void follow(OutputStream out) throws InterruptedException {
    Duration wait =
        limits.heartbeat().compareTo(limits.recheck()) < 0 ? limits.heartbeat() : limits.recheck();
    long checked = System.nanoTime();
    while (!reader.isOver()) {
      List<LoggedEvent> events = next(wait);
      if (!events.isEmpty()) {
        write(out, events);
      } else if (!reader.isOver()) {
        write(out, HEARTBEAT);
      }
      if (System.nanoTime() - checked >= limits.recheck().toNanos()) {
        checked = System.nanoTime();
        if (!isStillAllowed()) {
          return;
        }
      }
    }
  }

  /** What comes next; nothing if there is none in time, or the log is unavailable. */
  private List<LoggedEvent> next(Duration wait) throws InterruptedException {
    try {
      return reader.next(BATCH, BATCH_TEXT, wait);
    } catch (Unavailable unavailable) {
      // The follower of the log reports it, once for all streams.
      Thread.sleep(unavailable.retryAfter());
      return List.of();
    } catch (RuntimeException fault) {
      ErrorLog.unexpected(fault, context.requestId());
      throw new CloseConnectionException("the stream cannot go on", fault);
    }
  }

  private boolean isStillAllowed() {
    try {
      Optional<Caller> caller = context.callerNow().get();
      caller.ifPresent(feed::requireFor);
      return caller.isPresent();
    } catch (AccessDenied revoked) {
      return false;
    } catch (Unavailable unknown) {
      // It was valid when last known.
      return true;
    }
  }

  private void write(OutputStream out, byte[] bytes) {
    exchange.mustEndWithin(limits.stalled());
    try {
      out.write(bytes);
      out.flush();
    } catch (IOException | RuntimeException left) {
      throw new CloseConnectionException("the reader left, or takes nothing", left);
    }
    exchange.mayTakeItsTime();
  }

  private byte[] opening() {
    var text = new ByteArrayOutputStream();
    text.writeBytes(RETRY.getBytes(StandardCharsets.US_ASCII));
    append(
        text,
        new Event(
            EventIds.write(reader.position()),
            "stream.opened",
            opened,
            switch (feed) {
              case Feed.OfInstance(var whole) -> null;
              case Feed.OfChat(var chat) -> chat.patient().value();
            },
            null,
            null,
            null));
    return text.toByteArray();
  }

  private void write(OutputStream out, List<LoggedEvent> events) {
    var piece = new ByteArrayOutputStream();
    for (LoggedEvent event : events) {
      append(piece, EventMapper.event(event));
      if (piece.size() >= PIECE) {
        write(out, piece.toByteArray());
        piece = new ByteArrayOutputStream();
      }
    }
    if (piece.size() > 0) {
      write(out, piece.toByteArray());
    }
  }

  /** JSON has no line break in it: those of a message's text are escaped. */
  private static void append(ByteArrayOutputStream text, Event event) {
    String fields = "id: " + event.id() + "\nevent: " + event.type() + "\ndata: ";
    text.writeBytes(fields.getBytes(StandardCharsets.US_ASCII));
    text.writeBytes(Json.write(event));
    text.write('\n');
    text.write('\n');
  }
}
