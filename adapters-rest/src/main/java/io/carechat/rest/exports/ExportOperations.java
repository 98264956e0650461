package io.carechat.rest.exports;

import io.carechat.api.Export;
import io.carechat.api.ExportManifest;
import io.carechat.api.ExportsService;
import io.carechat.api.NewExport;
import io.carechat.domain.access.Caller;
import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.chat.Unavailable;
import io.carechat.domain.events.LogPosition;
import io.carechat.domain.exports.ChatExports;
import io.carechat.domain.exports.ExportFormat;
import io.carechat.domain.exports.ExportId;
import io.carechat.domain.exports.ExportProgress;
import io.carechat.domain.exports.ExportRequest;
import io.carechat.domain.exports.ExportResult;
import io.carechat.domain.exports.ExportSource;
import io.carechat.domain.exports.ExportState;
import io.carechat.domain.exports.FilePart;
import io.carechat.domain.messages.IdempotencyKey;
import io.carechat.rest.connections.ConnectionMonitor;
import io.carechat.rest.events.EventIds;
import io.carechat.rest.http.Bulkhead;
import io.carechat.rest.http.ConcurrencyLimits;
import io.carechat.rest.http.ProblemKind;
import io.carechat.rest.http.RequestContext;
import io.carechat.rest.mapping.ApiMapper;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The contract's operations on exports. Safe for use by many threads. */
public final class ExportOperations implements ExportsService<RequestContext> {
  private static final String BYTES = "bytes";
  private static final Duration RETRY_AFTER = Duration.ofSeconds(1);

  /** Each may last for minutes. */
  private static final ConcurrencyLimits DOWNLOADS = ConcurrencyLimits.withoutWaiting(32, 16, 4, 2);

  private static final FilePart NO_PART = new FilePart(0, new byte[0]);

  private final ChatExports exports;
  private final Bulkhead bulkhead;
  private final Bulkhead downloads = new Bulkhead(DOWNLOADS, "downloads");

  /**
   * @param exports asks for exports and gets them
   * @param bulkhead limits concurrent requests that are not downloads
   */
  public ExportOperations(ChatExports exports, Bulkhead bulkhead) {
    this.exports = exports;
    this.bulkhead = bulkhead;
  }

  // --- createExport ---

  @Override
  public CreateExportResponse createExport(RequestContext context, CreateExportRequest request) {
    TenantInstance instance = ApiMapper.instance(request.tenantName(), request.instanceName());
    NewExport body = request.body();
    UUID patient = body.patientId();
    String key = request.idempotencyKey();
    var wanted =
        new ExportRequest(
            patient == null
                ? new ExportSource.OfInstance(instance)
                : new ExportSource.OfChat(
                    ApiMapper.chat(request.tenantName(), request.instanceName(), patient)),
            switch (body.format()) {
              case NDJSON -> ExportFormat.NDJSON;
              case FHIR -> ExportFormat.FHIR;
            },
            wholeMillis(body.from()),
            wholeMillis(body.to()));
    ExportResult.OfCreate result =
        bulkhead.run(
            context.caller(),
            () ->
                exports.create(
                    context.caller(), wanted, key == null ? null : new IdempotencyKey(key)));
    return switch (result) {
      case ExportResult.Created(var export) -> created(export, null);
      case ExportResult.Replayed(var export) -> created(export, true);
      case ExportResult.KeyReused() ->
          new CreateExportResponse.UnprocessableContent(
              context.problem(
                  ProblemKind.IDEMPOTENCY_KEY_REUSED,
                  "This Idempotency-Key was already used for an export with another body."));
      case ExportResult.TooManyOfCaller(int max) -> tooMany(context, "You already have ", max);
      case ExportResult.TooManyOfInstance(int max) ->
          tooMany(context, "The instance already has ", max);
    };
  }

  /** Messages are created at whole milliseconds, so bounds that are rounded up mean the same. */
  private static @Nullable Instant wholeMillis(@Nullable Instant bound) {
    if (bound == null) {
      return null;
    }
    Instant down = bound.truncatedTo(ChronoUnit.MILLIS);
    return down.equals(bound) ? down : down.plusMillis(1);
  }

  private static CreateExportResponse created(
      io.carechat.domain.exports.Export export, @Nullable Boolean replayed) {
    return new CreateExportResponse.Created(
        export(export),
        "/api/v1/" + export.request().source().instance() + "/exports/" + export.id(),
        replayed);
  }

  private static CreateExportResponse tooMany(RequestContext context, String who, int max) {
    return new CreateExportResponse.Conflict(
        context.problem(
            ProblemKind.CONFLICT,
            who
                + max
                + (max == 1 ? " export" : " exports")
                + ", which is the maximum. Delete one, or wait until one expires."));
  }

  // --- getExport, deleteExport ---

  @Override
  public GetExportResponse getExport(RequestContext context, GetExportRequest request) {
    TenantInstance instance = ApiMapper.instance(request.tenantName(), request.instanceName());
    ExportId id = id(request.exportId());
    return bulkhead
        .run(context.caller(), () -> exports.find(context.caller(), instance, id))
        .<GetExportResponse>map(found -> new GetExportResponse.Ok(export(found)))
        .orElseGet(() -> new GetExportResponse.NotFound(context.noSuchExport()));
  }

  @Override
  public DeleteExportResponse deleteExport(RequestContext context, DeleteExportRequest request) {
    TenantInstance instance = ApiMapper.instance(request.tenantName(), request.instanceName());
    ExportId id = id(request.exportId());
    return bulkhead.run(context.caller(), () -> exports.delete(context.caller(), instance, id))
        ? new DeleteExportResponse.NoContent()
        : new DeleteExportResponse.NotFound(context.noSuchExport());
  }

  // --- downloadExport ---

  @Override
  public DownloadExportResponse downloadExport(
      RequestContext context, DownloadExportRequest request) {
    TenantInstance instance = ApiMapper.instance(request.tenantName(), request.instanceName());
    ExportId id = id(request.exportId());
    return switch (bulkhead.run(
        context.caller(), () -> exports.file(context.caller(), instance, id))) {
      case ExportResult.Complete(var export) -> download(context, request, export);
      case ExportResult.NoFile(var state) ->
          new DownloadExportResponse.Conflict(
              context.problem(ProblemKind.CONFLICT, whyNoFile(state)));
      case ExportResult.NoSuchExport() ->
          new DownloadExportResponse.NotFound(context.noSuchExport());
    };
  }

  private static String whyNoFile(ExportState state) {
    return switch (state) {
      case WAITING, RUNNING, DONE -> "The export is not complete. Its state is " + state + ".";
      case FAILED -> "The export could not be made. Ask for another one.";
      case DISCARDED ->
          "The file was removed, because a chat of the instance was erased. Ask for another one.";
    };
  }

  private DownloadExportResponse download(
      RequestContext context,
      DownloadExportRequest request,
      io.carechat.domain.exports.Export export) {
    String tag = "\"" + export.sha256() + "\"";
    long length = export.progress().bytes();
    String disposition = "attachment; filename=\"" + export.id() + ".ndjson\"";
    return switch (ByteRange.of(request.range(), request.ifRange(), tag, length)) {
      case ByteRange.NotSatisfiable() ->
          new DownloadExportResponse.RangeNotSatisfiable(
              context.problem(
                  ProblemKind.RANGE_NOT_SATISFIABLE, "The file has " + length + " bytes."),
              BYTES + " */" + length);
      case ByteRange.Whole() -> {
        FilePart first = length == 0 ? NO_PART : exports.part(export, 0).orElse(null);
        yield first == null
            ? new DownloadExportResponse.NotFound(context.noSuchExport())
            : new DownloadExportResponse.Ok(
                body(context, export, new ByteRange.Part(0, length - 1), first),
                tag,
                BYTES,
                disposition);
      }
      case ByteRange.Part part -> {
        FilePart first = exports.part(export, part.first()).orElse(null);
        yield first == null
            ? new DownloadExportResponse.NotFound(context.noSuchExport())
            : new DownloadExportResponse.PartialContent(
                body(context, export, part, first),
                tag,
                BYTES + " " + part.first() + "-" + part.last() + "/" + length,
                BYTES,
                disposition);
      }
    };
  }

  private ExportFileBody body(
      RequestContext context,
      io.carechat.domain.exports.Export export,
      ByteRange.Part range,
      FilePart first) {
    Caller caller = context.caller();
    ConnectionMonitor.Exchange exchange = ConnectionMonitor.CURRENT.get();
    Bulkhead.Permit permit = downloads.acquire(caller);
    if (!exchange.hold(ExportFileBody.MEMORY)) {
      permit.close();
      throw new Unavailable("responses that are not being read use the memory", RETRY_AFTER);
    }
    return new ExportFileBody(
        context,
        exports,
        export,
        range,
        mediaType(export.request().format()),
        first,
        permit,
        exchange);
  }

  // --- from the contract ---

  private static ExportId id(String text) {
    return ExportId.parse(text)
        .orElseThrow(() -> new IllegalStateException("the contract lets more ids pass"));
  }

  // --- to the contract ---

  private static Export export(io.carechat.domain.exports.Export export) {
    ExportRequest request = export.request();
    ExportProgress progress = export.progress();
    String sha256 = export.sha256();
    String through = EventIds.write(export.through());
    return new Export(
        export.id().toString(),
        switch (request.format()) {
          case NDJSON -> io.carechat.api.ExportFormat.NDJSON;
          case FHIR -> io.carechat.api.ExportFormat.FHIR;
        },
        switch (request.source()) {
          case ExportSource.OfChat(var chat) -> chat.patient().value();
          case ExportSource.OfInstance _ -> null;
        },
        request.from(),
        request.to(),
        switch (export.state()) {
          case WAITING -> io.carechat.api.ExportState.WAITING;
          case RUNNING -> io.carechat.api.ExportState.RUNNING;
          case DONE -> io.carechat.api.ExportState.DONE;
          case FAILED -> io.carechat.api.ExportState.FAILED;
          case DISCARDED -> io.carechat.api.ExportState.DISCARDED;
        },
        progress.messages(),
        progress.bytes(),
        export.createdAt(),
        through,
        export.finishedAt(),
        export.expiresAt(),
        sha256 == null || export.state() != ExportState.DONE
            ? null
            : new ExportManifest(
                sha256,
                progress.messages(),
                progress.bytes(),
                mediaType(request.format()),
                export.createdAt(),
                eventId(progress.first()),
                eventId(progress.last()),
                through,
                null));
  }

  private static @Nullable String eventId(@Nullable LogPosition position) {
    return position == null ? null : EventIds.write(position);
  }

  private static String mediaType(ExportFormat format) {
    return switch (format) {
      case NDJSON -> "application/x-ndjson";
      case FHIR -> "application/fhir+ndjson";
    };
  }
}
