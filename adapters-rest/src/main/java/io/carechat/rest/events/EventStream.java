package io.carechat.rest.events;

import io.carechat.api.Event;
import io.carechat.api.runtime.Json;
import io.carechat.api.runtime.StreamedBody;
import io.carechat.domain.access.AccessDenied;
import io.carechat.domain.access.Caller;
import io.carechat.domain.chat.Unavailable;
import io.carechat.domain.events.LoggedEvent;
import io.carechat.domain.feeds.Feed;
import io.carechat.domain.feeds.FeedReader;
import io.carechat.rest.connections.ConnectionMonitor;
import io.carechat.rest.http.Bulkhead;
import io.carechat.rest.http.ErrorLog;
import io.carechat.rest.http.RequestContext;
import io.helidon.webserver.CloseConnectionException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Writes a feed as server-sent events (WHATWG HTML, section 9.2). Its thread reads the log and
 * writes to the caller's socket. While the caller reads nothing, the thread is blocked. Afterwards
 * it continues at its position.
 */
final class EventStream implements StreamedBody {
  /** The maximum number of events in one read of the log. */
  private static final int BATCH_SIZE = 100;

  /**
   * The maximum total length of their texts, in UTF-16 code units. A stream holds one batch in
   * memory while its caller reads nothing, and there may be thousands of streams.
   */
  private static final int BATCH_TEXT = 32_768;

  /** Small events are written together until they have this many bytes. */
  private static final int CHUNK_SIZE = 16_384;

  private static final byte[] HEARTBEAT = ":\n\n".getBytes(StandardCharsets.US_ASCII);

  /** Tells browsers how long to wait before they reconnect, in milliseconds. */
  private static final String RETRY = "retry: 2000\n";

  private final RequestContext context;
  private final Feed feed;
  private final FeedReader reader;
  private final Bulkhead.Permit permit;
  private final ConnectionMonitor.Exchange exchange;
  private final StreamLimits limits;
  private final Instant opened;

  /**
   * @param context the request
   * @param feed the feed to follow
   * @param reader reads the feed; it is closed with this stream
   * @param permit is closed with this stream
   * @param exchange the exchange of the request
   * @param limits the limits of streams
   * @param opened the current time, in whole milliseconds
   */
  EventStream(
      RequestContext context,
      Feed feed,
      FeedReader reader,
      Bulkhead.Permit permit,
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
      // The server is stopping and has waited long enough.
      Thread.currentThread().interrupt();
    }
  }

  /** Writes events until the service stops or the credential is no longer valid. */
  private void follow(OutputStream out) throws InterruptedException {
    Duration wait =
        limits.heartbeat().compareTo(limits.recheck()) < 0 ? limits.heartbeat() : limits.recheck();
    long checked = System.nanoTime();
    while (!reader.isStopping()) {
      List<LoggedEvent> events = next(wait);
      if (!events.isEmpty()) {
        write(out, events);
      } else if (!reader.isStopping()) {
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

  /**
   * Returns the next events. The list is empty if there are none in time, or if the log is
   * unavailable.
   */
  private List<LoggedEvent> next(Duration wait) throws InterruptedException {
    try {
      return exchange.await(() -> reader.next(BATCH_SIZE, BATCH_TEXT, wait));
    } catch (Unavailable e) {
      // LogFollower reports this once for all streams.
      Thread.sleep(e.retryAfter());
      return List.of();
    } catch (CloseConnectionException left) {
      throw left;
    } catch (RuntimeException failure) {
      ErrorLog.unexpected(failure, context.requestId());
      throw new CloseConnectionException("the stream cannot go on", failure);
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
      // The credential was valid when it was last checked.
      return true;
    }
  }

  private void write(OutputStream out, byte[] bytes) {
    exchange.setTimeLimit(limits.stalled());
    try {
      exchange.write(() -> writeNow(out, bytes));
    } catch (RuntimeException left) {
      throw new CloseConnectionException("the reader has left, or reads nothing", left);
    }
    exchange.clearTimeLimit();
  }

  private static void writeNow(OutputStream out, byte[] bytes) {
    try {
      out.write(bytes);
      out.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
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
    var chunk = new ByteArrayOutputStream();
    for (LoggedEvent event : events) {
      append(chunk, EventMapper.event(event));
      if (chunk.size() >= CHUNK_SIZE) {
        write(out, chunk.toByteArray());
        chunk = new ByteArrayOutputStream();
      }
    }
    if (chunk.size() > 0) {
      write(out, chunk.toByteArray());
    }
  }

  /**
   * Appends an event. Its JSON contains no line breaks, because line breaks in texts are escaped.
   */
  private static void append(ByteArrayOutputStream text, Event event) {
    String fields = "id: " + event.id() + "\nevent: " + event.type() + "\ndata: ";
    text.writeBytes(fields.getBytes(StandardCharsets.US_ASCII));
    text.writeBytes(Json.write(event));
    text.write('\n');
    text.write('\n');
  }
}
