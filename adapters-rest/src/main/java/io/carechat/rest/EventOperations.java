package io.carechat.rest;

import io.carechat.api.EventList;
import io.carechat.api.EventsService;
import io.carechat.api.Problem;
import io.carechat.api.StreamsService;
import io.carechat.api.runtime.Fault;
import io.carechat.api.runtime.StreamedBody;
import io.carechat.domain.ChatId;
import io.carechat.domain.EventFeeds;
import io.carechat.domain.Feed;
import io.carechat.domain.FeedPage;
import io.carechat.domain.FeedResult;
import io.carechat.domain.Forbidden;
import io.carechat.domain.LogPosition;
import io.carechat.domain.OpenFeedResult;
import io.carechat.domain.PatientId;
import io.carechat.domain.TenantInstance;
import io.carechat.domain.Unavailable;
import java.time.Duration;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The contract's operations with events, on the domain. */
final class EventOperations implements EventsService<Visit>, StreamsService<Visit> {
  private static final String NOW = "now";
  private static final int DEFAULT_LIMIT = 100;

  /** When one who found no place should try again, in seconds. */
  private static final int PLACE_RETRY = 10;

  private final EventFeeds feeds;
  private final Room room;
  private final OpenStreams streams;
  private final StreamLimits limits;
  private final InstantSource clock;

  /**
   * @param room for those that do not wait
   */
  EventOperations(EventFeeds feeds, Room room, StreamLimits limits, InstantSource clock) {
    this.feeds = feeds;
    this.room = room;
    this.streams = new OpenStreams(limits);
    this.limits = limits;
    this.clock = clock;
  }

  // --- listEvents and listChatEvents ---

  @Override
  public ListEventsResponse listEvents(Visit visit, ListEventsRequest request) {
    Feed feed = new Feed.OfInstance(place(request.tenantName(), request.instanceName()));
    return switch (list(visit, feed, request.after(), request.limit(), request.waitSeconds())) {
      case Listed.Page(var list) -> new ListEventsResponse.Ok(list);
      case Refused.Invalid(var problem) -> new ListEventsResponse.BadRequest(problem);
      case Refused.NotCovered(var problem) -> new ListEventsResponse.Forbidden(problem);
      case Refused.HasEnough(var problem) ->
          new ListEventsResponse.TooManyRequests(problem, PLACE_RETRY);
      case Refused.Full(var problem) -> new ListEventsResponse.Unavailable(problem, PLACE_RETRY);
    };
  }

  @Override
  public ListChatEventsResponse listChatEvents(Visit visit, ListChatEventsRequest request) {
    Feed feed = chat(request.tenantName(), request.instanceName(), request.patientId());
    return switch (list(visit, feed, request.after(), request.limit(), request.waitSeconds())) {
      case Listed.Page(var list) -> new ListChatEventsResponse.Ok(list);
      case Refused.Invalid(var problem) -> new ListChatEventsResponse.BadRequest(problem);
      case Refused.NotCovered(var problem) -> new ListChatEventsResponse.Forbidden(problem);
      case Refused.HasEnough(var problem) ->
          new ListChatEventsResponse.TooManyRequests(problem, PLACE_RETRY);
      case Refused.Full(var problem) ->
          new ListChatEventsResponse.Unavailable(problem, PLACE_RETRY);
    };
  }

  /** What came of listing, for both operations. */
  private sealed interface Listed {
    record Page(EventList list) implements Listed {}
  }

  /** What came of opening a stream, for both operations. */
  private sealed interface Opened {
    record Stream(StreamedBody body) implements Opened {}
  }

  /** Why there is neither. */
  private sealed interface Refused extends Listed, Opened {
    record Invalid(Problem problem) implements Refused {}

    record NotCovered(Problem problem) implements Refused {}

    record HasEnough(Problem problem) implements Refused {}

    record Full(Problem problem) implements Refused {}
  }

  private Listed list(
      Visit visit,
      Feed feed,
      @Nullable String after,
      @Nullable Integer limit,
      @Nullable Integer waitSeconds) {
    LogPosition from = LogPosition.START;
    if (after != null) {
      from = after.equals(NOW) ? null : EventIds.read(after).orElse(null);
      if (from == null && !after.equals(NOW)) {
        return invalid(visit, "after");
      }
    }
    int most = limit == null ? DEFAULT_LIMIT : limit;
    if (waitSeconds == null || waitSeconds == 0) {
      LogPosition start = from;
      return room.with(() -> list(visit, feed, start, most, Duration.ZERO));
    }
    Duration wait = Duration.ofSeconds(waitSeconds);
    return switch (streams.ask(visit.caller().credentialId())) {
      case OpenStreams.Place place -> {
        try (place) {
          ConnectionWatch.CURRENT.get().mayWait(wait);
          yield list(visit, feed, from, most, wait);
        }
      }
      case OpenStreams.CredentialHasEnough(int enough) -> hasEnough(visit, enough);
      case OpenStreams.Full() -> full(visit);
    };
  }

  private Listed list(
      Visit visit, Feed feed, @Nullable LogPosition from, int limit, Duration wait) {
    try {
      return switch (feeds.read(visit.caller(), feed, from, limit, wait)) {
        case FeedResult.Read(FeedPage page) ->
            new Listed.Page(
                new EventList(
                    page.events().stream().map(Wire::event).toList(),
                    EventIds.write(page.after()),
                    page.more()));
        case Forbidden forbidden -> notCovered(visit);
      };
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new Unavailable("the wait for events was interrupted", Duration.ofSeconds(1), e);
    }
  }

  // --- streamEvents and streamChatEvents ---

  @Override
  public StreamEventsResponse streamEvents(Visit visit, StreamEventsRequest request) {
    Feed feed = new Feed.OfInstance(place(request.tenantName(), request.instanceName()));
    return switch (open(visit, feed, request.after(), request.lastEventID())) {
      case Opened.Stream(var body) -> new StreamEventsResponse.Ok(body);
      case Refused.Invalid(var problem) -> new StreamEventsResponse.BadRequest(problem);
      case Refused.NotCovered(var problem) -> new StreamEventsResponse.Forbidden(problem);
      case Refused.HasEnough(var problem) ->
          new StreamEventsResponse.TooManyRequests(problem, PLACE_RETRY);
      case Refused.Full(var problem) -> new StreamEventsResponse.Unavailable(problem, PLACE_RETRY);
    };
  }

  @Override
  public StreamChatEventsResponse streamChatEvents(Visit visit, StreamChatEventsRequest request) {
    Feed feed = chat(request.tenantName(), request.instanceName(), request.patientId());
    return switch (open(visit, feed, request.after(), request.lastEventID())) {
      case Opened.Stream(var body) -> new StreamChatEventsResponse.Ok(body);
      case Refused.Invalid(var problem) -> new StreamChatEventsResponse.BadRequest(problem);
      case Refused.NotCovered(var problem) -> new StreamChatEventsResponse.Forbidden(problem);
      case Refused.HasEnough(var problem) ->
          new StreamChatEventsResponse.TooManyRequests(problem, PLACE_RETRY);
      case Refused.Full(var problem) ->
          new StreamChatEventsResponse.Unavailable(problem, PLACE_RETRY);
    };
  }

  private Opened open(
      Visit visit, Feed feed, @Nullable String after, @Nullable String lastEventId) {
    // An EventSource that connects again still has the old place in its address.
    String given = lastEventId != null ? lastEventId : after;
    LogPosition from = null;
    if (given != null && !given.equals(NOW)) {
      from = EventIds.read(given).orElse(null);
      if (from == null) {
        return invalid(visit, lastEventId != null ? "Last-Event-ID" : "after");
      }
    }
    return switch (streams.ask(visit.caller().credentialId())) {
      case OpenStreams.Place place -> open(visit, feed, from, place);
      case OpenStreams.CredentialHasEnough(int enough) -> hasEnough(visit, enough);
      case OpenStreams.Full() -> full(visit);
    };
  }

  private Opened open(Visit visit, Feed feed, @Nullable LogPosition from, OpenStreams.Place place) {
    boolean opened = false;
    try {
      return switch (feeds.open(visit.caller(), feed, from)) {
        case OpenFeedResult.Opened(var reader) -> {
          opened = true;
          yield new Opened.Stream(
              new EventStream(
                  visit,
                  feed,
                  reader,
                  place,
                  ConnectionWatch.CURRENT.get(),
                  limits,
                  clock.instant().truncatedTo(ChronoUnit.MILLIS)));
        }
        case Forbidden forbidden -> notCovered(visit);
      };
    } finally {
      if (!opened) {
        place.close();
      }
    }
  }

  // --- from the wire ---

  private static TenantInstance place(String tenantName, String instanceName) {
    return new TenantInstance(tenantName, instanceName);
  }

  private static Feed chat(String tenantName, String instanceName, UUID patientId) {
    return new Feed.OfChat(new ChatId(place(tenantName, instanceName), new PatientId(patientId)));
  }

  // --- problems ---

  private static Refused invalid(Visit visit, String parameter) {
    return new Refused.Invalid(
        Problems.of(
            ProblemKind.INVALID_REQUEST,
            "1 fault, listed in errors.",
            List.of(Fault.ofParameter(parameter, "is too large to be the id of an event")),
            visit.requestId()));
  }

  private static Refused notCovered(Visit visit) {
    return new Refused.NotCovered(
        Problems.of(
            ProblemKind.FORBIDDEN, "The credential does not cover this.", visit.requestId()));
  }

  private static Refused hasEnough(Visit visit, int enough) {
    return new Refused.HasEnough(
        Problems.of(
            ProblemKind.TOO_MANY_REQUESTS,
            "This credential has "
                + enough
                + " streams and waiting requests open, and may have no more. End one, or try again in "
                + PLACE_RETRY
                + " seconds.",
            visit.requestId()));
  }

  private static Refused full(Visit visit) {
    return new Refused.Full(
        Problems.of(ProblemKind.UNAVAILABLE, Problems.tryAgainIn(PLACE_RETRY), visit.requestId()));
  }
}
