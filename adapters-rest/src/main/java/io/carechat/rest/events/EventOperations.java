package io.carechat.rest.events;

import io.carechat.api.EventList;
import io.carechat.api.EventsService;
import io.carechat.api.StreamsService;
import io.carechat.api.runtime.StreamedBody;
import io.carechat.domain.chat.InvalidRequest;
import io.carechat.domain.chat.Unavailable;
import io.carechat.domain.events.LogPosition;
import io.carechat.domain.feeds.EventFeeds;
import io.carechat.domain.feeds.Feed;
import io.carechat.domain.feeds.FeedPage;
import io.carechat.domain.feeds.FeedReader;
import io.carechat.domain.feeds.PositionBeyondLog;
import io.carechat.rest.connections.ConnectionMonitor;
import io.carechat.rest.http.Bulkhead;
import io.carechat.rest.http.RequestContext;
import io.carechat.rest.http.RequestRejected;
import io.carechat.rest.mapping.ApiMapper;
import java.time.Duration;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The contract's operations on events. Safe for use by many threads. */
public final class EventOperations
    implements EventsService<RequestContext>, StreamsService<RequestContext> {
  private static final String NOW = "now";
  private static final String AFTER = "after";
  private static final String LAST_EVENT_ID = "Last-Event-ID";
  private static final int DEFAULT_LIMIT = 100;

  private final EventFeeds feeds;
  private final Bulkhead bulkhead;
  private final Bulkhead permits;
  private final StreamLimits limits;
  private final InstantSource clock;

  /**
   * @param feeds the events
   * @param bulkhead limits requests that do not wait
   * @param limits limits requests that wait, and streams
   * @param clock gives the time at which streams are opened
   */
  public EventOperations(
      EventFeeds feeds, Bulkhead bulkhead, StreamLimits limits, InstantSource clock) {
    this.feeds = feeds;
    this.bulkhead = bulkhead;
    this.permits = new Bulkhead(limits.concurrency(), "open streams and waiting requests");
    this.limits = limits;
    this.clock = clock;
  }

  // --- listEvents and listChatEvents ---

  @Override
  public ListEventsResponse listEvents(RequestContext context, ListEventsRequest request) {
    Feed feed = instance(request.tenantName(), request.instanceName());
    return new ListEventsResponse.Ok(
        list(context, feed, request.after(), request.limit(), request.waitSeconds()));
  }

  @Override
  public ListChatEventsResponse listChatEvents(
      RequestContext context, ListChatEventsRequest request) {
    Feed feed = chat(request.tenantName(), request.instanceName(), request.patientId());
    return new ListChatEventsResponse.Ok(
        list(context, feed, request.after(), request.limit(), request.waitSeconds()));
  }

  private EventList list(
      RequestContext context,
      Feed feed,
      @Nullable String after,
      @Nullable Integer requestedLimit,
      @Nullable Integer waitSeconds) {
    LogPosition from = after == null ? LogPosition.START : position(AFTER, after);
    int limit = requestedLimit == null ? DEFAULT_LIMIT : requestedLimit;
    try {
      if (waitSeconds == null || waitSeconds == 0) {
        return bulkhead.run(
            context.caller(), () -> list(context, feed, from, limit, Duration.ZERO));
      }
      Duration wait = Duration.ofSeconds(waitSeconds);
      try (var _ = permits.acquire(context.caller())) {
        // The permits limit what waits.
        ConnectionMonitor.CURRENT.get().release();
        ConnectionMonitor.CURRENT.get().extendTimeLimit(wait);
        return list(context, feed, from, limit, wait);
      }
    } catch (PositionBeyondLog unknown) {
      throw new RequestRejected.UnknownPosition(AFTER);
    }
  }

  private EventList list(
      RequestContext context, Feed feed, @Nullable LogPosition from, int limit, Duration wait) {
    try {
      FeedPage page = feeds.read(context.caller(), feed, from, limit, wait);
      return new EventList(
          page.events().stream().map(EventMapper::event).toList(),
          EventIds.write(page.after()),
          page.more());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new Unavailable("the wait for events was interrupted", Duration.ofSeconds(1), e);
    }
  }

  // --- streamEvents and streamChatEvents ---

  @Override
  public StreamEventsResponse streamEvents(RequestContext context, StreamEventsRequest request) {
    Feed feed = instance(request.tenantName(), request.instanceName());
    return new StreamEventsResponse.Ok(open(context, feed, request.after(), request.lastEventID()));
  }

  @Override
  public StreamChatEventsResponse streamChatEvents(
      RequestContext context, StreamChatEventsRequest request) {
    Feed feed = chat(request.tenantName(), request.instanceName(), request.patientId());
    return new StreamChatEventsResponse.Ok(
        open(context, feed, request.after(), request.lastEventID()));
  }

  private StreamedBody open(
      RequestContext context, Feed feed, @Nullable String after, @Nullable String lastEventId) {
    // An EventSource that reconnects sends Last-Event-ID, but its address still contains the first
    // position. So the header takes precedence.
    LogPosition from =
        lastEventId != null
            ? position(LAST_EVENT_ID, lastEventId)
            : after != null ? position(AFTER, after) : null;
    Bulkhead.Permit permit = permits.acquire(context.caller());
    ConnectionMonitor.CURRENT.get().release();
    FeedReader reader = null;
    try {
      reader = feeds.open(context.caller(), feed, from);
    } catch (PositionBeyondLog unknown) {
      throw new RequestRejected.UnknownPosition(lastEventId != null ? LAST_EVENT_ID : AFTER);
    } finally {
      if (reader == null) {
        permit.close();
      }
    }
    return new EventStream(
        context,
        feed,
        reader,
        permit,
        ConnectionMonitor.CURRENT.get(),
        limits,
        clock.instant().truncatedTo(ChronoUnit.MILLIS));
  }

  // --- from the contract ---

  private static Feed instance(String tenantName, String instanceName) {
    return new Feed.OfInstance(ApiMapper.instance(tenantName, instanceName));
  }

  private static Feed chat(String tenantName, String instanceName, UUID patientId) {
    return new Feed.OfChat(ApiMapper.chat(tenantName, instanceName, patientId));
  }

  /** Reads a position from a request. The result is null for the end of the log. */
  private static @Nullable LogPosition position(String parameter, String id) {
    if (id.equals(NOW)) {
      return null;
    }
    return EventIds.read(id)
        .orElseThrow(() -> new InvalidRequest(parameter, "is too large to be the id of an event"));
  }
}
