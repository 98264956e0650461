package io.carechat.rest.records;

import io.carechat.api.ErasureState;
import io.carechat.api.HoldList;
import io.carechat.api.LegalHold;
import io.carechat.api.Problem;
import io.carechat.api.RecordsService;
import io.carechat.api.RequestedErasureReason;
import io.carechat.api.Restriction;
import io.carechat.api.RetentionPreview;
import io.carechat.domain.chat.ChatId;
import io.carechat.domain.chat.PatientId;
import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.records.ChatRecords;
import io.carechat.domain.records.Erasure;
import io.carechat.domain.records.ErasureId;
import io.carechat.domain.records.ErasureReason;
import io.carechat.domain.records.Erasures;
import io.carechat.domain.records.HoldId;
import io.carechat.domain.records.LegalHolds;
import io.carechat.domain.records.Retention;
import io.carechat.rest.http.Bulkhead;
import io.carechat.rest.http.ProblemKind;
import io.carechat.rest.http.RequestContext;
import io.carechat.rest.mapping.ApiMapper;

/** The contract's operations on the records of chats. Safe for use by many threads. */
public final class RecordOperations implements RecordsService<RequestContext> {
  private final ChatRecords records;
  private final Retention retention;
  private final Bulkhead bulkhead;

  /**
   * @param records erases, restricts and holds chats
   * @param retention what the retention of instances would erase
   * @param bulkhead limits concurrent requests
   */
  public RecordOperations(ChatRecords records, Retention retention, Bulkhead bulkhead) {
    this.records = records;
    this.retention = retention;
    this.bulkhead = bulkhead;
  }

  @Override
  public EraseChatResponse eraseChat(RequestContext context, EraseChatRequest request) {
    ChatId chat = ApiMapper.chat(request.tenantName(), request.instanceName(), request.patientId());
    ErasureReason reason = reason(request.body().reason());
    return switch (bulkhead.run(
        context.caller(), () -> records.erase(context.caller(), chat, reason))) {
      case Erasures.Requested.Accepted(Erasure erasure) ->
          erasure.state() == Erasure.State.DONE
              ? new EraseChatResponse.Ok(erasure(erasure))
              : new EraseChatResponse.Accepted(erasure(erasure));
      // It does not say which matter, or whether there is one: whoever erases need not know.
      case Erasures.Requested.Held() ->
          new EraseChatResponse.Conflict(
              context.problem(
                  ProblemKind.CONFLICT,
                  "The chat must be kept for now. The erasure runs as soon as it may be erased."));
      case Erasures.Requested.NoChat() -> new EraseChatResponse.NotFound(noMessage(context));
    };
  }

  @Override
  public GetErasureResponse getErasure(RequestContext context, GetErasureRequest request) {
    ChatId chat = ApiMapper.chat(request.tenantName(), request.instanceName(), request.patientId());
    ErasureId id = ErasureId.parse(request.erasureId()).orElseThrow(RecordOperations::unchecked);
    return bulkhead
        .run(context.caller(), () -> records.erasure(context.caller(), chat, id))
        .<GetErasureResponse>map(found -> new GetErasureResponse.Ok(erasure(found)))
        .orElseGet(() ->
            new GetErasureResponse.NotFound(
                context.problem(
                    ProblemKind.NOT_FOUND, "The chat has no erasure with this erasureId.")));
  }

  @Override
  public RestrictChatResponse restrictChat(RequestContext context, RestrictChatRequest request) {
    ChatId chat = ApiMapper.chat(request.tenantName(), request.instanceName(), request.patientId());
    return bulkhead
        .run(context.caller(), () -> records.restrict(context.caller(), chat))
        .<RestrictChatResponse>map(since -> new RestrictChatResponse.Ok(new Restriction(since)))
        .orElseGet(() -> new RestrictChatResponse.NotFound(noMessage(context)));
  }

  @Override
  public LiftRestrictionResponse liftRestriction(
      RequestContext context, LiftRestrictionRequest request) {
    ChatId chat = ApiMapper.chat(request.tenantName(), request.instanceName(), request.patientId());
    boolean _ =
        bulkhead.run(context.caller(), () -> records.liftRestriction(context.caller(), chat));
    return new LiftRestrictionResponse.NoContent();
  }

  @Override
  public PlaceHoldResponse placeHold(RequestContext context, PlaceHoldRequest request) {
    ChatId chat = ApiMapper.chat(request.tenantName(), request.instanceName(), request.patientId());
    String reference = request.body().reference();
    return switch (bulkhead.run(
        context.caller(), () -> records.placeHold(context.caller(), chat, reference))) {
      case ChatRecords.PlaceResult.Placed(var hold) ->
          new PlaceHoldResponse.Created(
              hold(hold),
              "/api/v1/" + chat.instance() + "/patients/" + chat.patient() + "/holds/" + hold.id());
      case ChatRecords.PlaceResult.NoChat() -> new PlaceHoldResponse.NotFound(noMessage(context));
      case ChatRecords.PlaceResult.TooMany() ->
          new PlaceHoldResponse.Conflict(
              context.problem(
                  ProblemKind.CONFLICT,
                  "The chat has " + LegalHolds.MAX + " legal holds. Lift one first."));
    };
  }

  @Override
  public ListHoldsResponse listHolds(RequestContext context, ListHoldsRequest request) {
    ChatId chat = ApiMapper.chat(request.tenantName(), request.instanceName(), request.patientId());
    return new ListHoldsResponse.Ok(
        new HoldList(
            bulkhead.run(context.caller(), () -> records.holds(context.caller(), chat)).stream()
                .map(RecordOperations::hold)
                .toList()));
  }

  @Override
  public LiftHoldResponse liftHold(RequestContext context, LiftHoldRequest request) {
    ChatId chat = ApiMapper.chat(request.tenantName(), request.instanceName(), request.patientId());
    HoldId id = HoldId.parse(request.holdId()).orElseThrow(RecordOperations::unchecked);
    return bulkhead.run(context.caller(), () -> records.liftHold(context.caller(), chat, id))
        ? new LiftHoldResponse.NoContent()
        : new LiftHoldResponse.NotFound(
            context.problem(ProblemKind.NOT_FOUND, "The chat has no hold with this holdId."));
  }

  @Override
  public PreviewRetentionResponse previewRetention(
      RequestContext context, PreviewRetentionRequest request) {
    TenantInstance instance = ApiMapper.instance(request.tenantName(), request.instanceName());
    Retention.Preview preview =
        bulkhead.run(context.caller(), () -> retention.preview(context.caller(), instance));
    Retention.Policy policy = preview.policy();
    return new PreviewRetentionResponse.Ok(
        new RetentionPreview(
            policy == null ? null : policy.days(),
            policy != null && policy.erases(),
            preview.before(),
            preview.patients().stream().map(PatientId::value).toList()));
  }

  private static Problem noMessage(RequestContext context) {
    return context.problem(ProblemKind.NOT_FOUND, "The chat has no message.");
  }

  private static IllegalStateException unchecked() {
    return new IllegalStateException("the contract lets more ids pass");
  }

  // --- from the contract ---

  private static ErasureReason reason(RequestedErasureReason reason) {
    return switch (reason) {
      case NO_LONGER_NECESSARY -> ErasureReason.NO_LONGER_NECESSARY;
      case CONSENT_WITHDRAWN -> ErasureReason.CONSENT_WITHDRAWN;
      case OBJECTION -> ErasureReason.OBJECTION;
      case UNLAWFUL -> ErasureReason.UNLAWFUL;
      case LEGAL_OBLIGATION -> ErasureReason.LEGAL_OBLIGATION;
    };
  }

  // --- to the contract ---

  private static io.carechat.api.Erasure erasure(Erasure erasure) {
    return new io.carechat.api.Erasure(
        erasure.id().toString(),
        erasure.chat().patient().value(),
        reason(erasure.reason()),
        state(erasure.state()),
        erasure.requestedAt(),
        erasure.through(),
        erasure.receipt());
  }

  private static io.carechat.api.ErasureReason reason(ErasureReason reason) {
    return switch (reason) {
      case NO_LONGER_NECESSARY -> io.carechat.api.ErasureReason.NO_LONGER_NECESSARY;
      case CONSENT_WITHDRAWN -> io.carechat.api.ErasureReason.CONSENT_WITHDRAWN;
      case OBJECTION -> io.carechat.api.ErasureReason.OBJECTION;
      case UNLAWFUL -> io.carechat.api.ErasureReason.UNLAWFUL;
      case LEGAL_OBLIGATION -> io.carechat.api.ErasureReason.LEGAL_OBLIGATION;
      case RETENTION -> io.carechat.api.ErasureReason.RETENTION;
    };
  }

  private static ErasureState state(Erasure.State state) {
    return switch (state) {
      case HELD -> ErasureState.HELD;
      case REMOVING, INDEXING -> ErasureState.RUNNING;
      case DONE -> ErasureState.DONE;
    };
  }

  private static LegalHold hold(io.carechat.domain.records.LegalHold hold) {
    return new LegalHold(hold.id().toString(), hold.reference(), hold.placedAt(), hold.placedBy());
  }
}
