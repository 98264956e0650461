package io.carechat.rest.exports;

import io.carechat.api.runtime.FileBody;
import io.carechat.domain.access.AccessDenied;
import io.carechat.domain.access.Caller;
import io.carechat.domain.chat.Unavailable;
import io.carechat.domain.exports.ChatExports;
import io.carechat.domain.exports.Export;
import io.carechat.domain.exports.FilePart;
import io.carechat.rest.connections.ConnectionMonitor;
import io.carechat.rest.http.Bulkhead;
import io.carechat.rest.http.ErrorLog;
import io.carechat.rest.http.RequestContext;
import io.helidon.webserver.CloseConnectionException;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Optional;

/**
 * Writes a range of a file. One part of the file is in memory at a time. The next one is read when
 * the caller has taken the one before. So whatever happens to the export meanwhile, such as that it
 * is removed, ends the download after the part that is being written.
 */
final class ExportFileBody implements FileBody {
  /** More than a part has, with the copies that are made of it. */
  static final int MEMORY = 1_048_576;

  /** With HTTP/2, Helidon copies what it is given whenever the caller allows a few bytes more. */
  private static final int PIECE = 16_384;

  /** For how long a caller may take nothing. */
  private static final Duration STALLED = Duration.ofSeconds(30);

  /** How often the credential is checked again. */
  private static final Duration RECHECK = Duration.ofSeconds(30);

  private final RequestContext context;
  private final ChatExports exports;
  private final Export export;
  private final ByteRange.Part range;
  private final String mediaType;
  private final FilePart first;
  private final Bulkhead.Permit permit;
  private final ConnectionMonitor.Exchange exchange;

  /**
   * @param context the request
   * @param export an export that is complete
   * @param range what to write; its last byte is before its first one if that is nothing
   * @param first the part of the file that has the first byte of the range
   * @param permit is closed with this
   * @param exchange the exchange of the request
   */
  ExportFileBody(
      RequestContext context,
      ChatExports exports,
      Export export,
      ByteRange.Part range,
      String mediaType,
      FilePart first,
      Bulkhead.Permit permit,
      ConnectionMonitor.Exchange exchange) {
    this.context = context;
    this.exports = exports;
    this.export = export;
    this.range = range;
    this.mediaType = mediaType;
    this.first = first;
    this.permit = permit;
    this.exchange = exchange;
  }

  @Override
  public String mediaType() {
    return mediaType;
  }

  @Override
  public long length() {
    return range.last() - range.first() + 1;
  }

  @Override
  public void close() {
    permit.close();
  }

  @Override
  public void writeTo(OutputStream out) {
    FilePart part = first;
    long at = range.first();
    long checked = System.nanoTime();
    while (at <= range.last()) {
      long end = Math.min(part.end(), range.last() + 1);
      write(out, part, at, end);
      at = end;
      if (System.nanoTime() - checked >= RECHECK.toNanos()) {
        checked = System.nanoTime();
        requireStillAllowed();
      }
      if (at <= range.last()) {
        part = next(at);
      }
    }
  }

  private FilePart next(long at) {
    Optional<FilePart> next;
    try {
      next = exports.part(export, at);
    } catch (Unavailable e) {
      ErrorLog.unavailable(e, context.requestId());
      throw exchange.breakOff("the file is unavailable");
    } catch (RuntimeException e) {
      ErrorLog.unexpected(e, context.requestId());
      throw exchange.breakOff("the file cannot be read");
    }
    return next.orElseThrow(() -> exchange.breakOff("the export was removed"));
  }

  private void requireStillAllowed() {
    boolean isAllowed;
    try {
      Optional<Caller> caller = context.callerNow().get();
      isAllowed =
          caller.isPresent()
              && exports
                  .find(caller.get(), export.request().source().instance(), export.id())
                  .isPresent();
    } catch (AccessDenied revoked) {
      isAllowed = false;
    } catch (Unavailable unknown) {
      // The credential was valid when it was last checked.
      isAllowed = true;
    }
    if (!isAllowed) {
      throw exchange.breakOff("the credential does not allow it any more");
    }
  }

  private void write(OutputStream out, FilePart part, long from, long to) {
    for (long at = from; at < to; at += PIECE) {
      int offset = (int) (at - part.firstByte());
      int count = (int) Math.min(PIECE, to - at);
      exchange.setTimeLimit(STALLED);
      try {
        exchange.write(() -> writeNow(out, part.bytes(), offset, count));
      } catch (CloseConnectionException left) {
        throw left;
      } catch (RuntimeException left) {
        throw new CloseConnectionException("the reader has left, or reads nothing", left);
      }
    }
    exchange.clearTimeLimit();
  }

  private static void writeNow(OutputStream out, byte[] bytes, int offset, int count) {
    try {
      out.write(bytes, offset, count);
      out.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
