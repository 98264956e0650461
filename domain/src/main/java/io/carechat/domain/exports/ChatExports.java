package io.carechat.domain.exports;

import io.carechat.domain.access.AccessDenied;
import io.carechat.domain.access.Caller;
import io.carechat.domain.access.Scope;
import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.chat.TimeOrderedIds;
import io.carechat.domain.chat.Unavailable;
import io.carechat.domain.exports.ExportStore.NewExport;
import io.carechat.domain.messages.IdempotencyKey;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Asks for exports, and gets them. A patient may export the own chat only. Whoever may export a
 * whole instance may also export each of its chats. Safe for use by many threads. Every method may
 * throw {@link AccessDenied} and {@link Unavailable}.
 */
public final class ChatExports {
  private final ExportStore store;
  private final ExportLimits limits;
  private final TimeOrderedIds ids;
  private final InstantSource clock;
  private final Runnable onCreated;

  /**
   * @param store keeps the exports
   * @param limits how many there may be
   * @param ids makes ids
   * @param clock a clock that all nodes share
   * @param onCreated run after an export was stored; it must be quick, and safe for use by many
   *     threads
   */
  public ChatExports(
      ExportStore store,
      ExportLimits limits,
      TimeOrderedIds ids,
      InstantSource clock,
      Runnable onCreated) {
    this.store = store;
    this.limits = limits;
    this.ids = ids;
    this.clock = clock;
    this.onCreated = onCreated;
  }

  /**
   * Asks for an export. It is written in the background.
   *
   * @param key the caller's name for this request; null if there is none
   */
  public ExportResult.OfCreate create(
      Caller caller, ExportRequest request, @Nullable IdempotencyKey key) {
    if (!request.source().isAllowed(caller, Scope.EXPORT_CHATS)) {
      throw new AccessDenied(Scope.EXPORT_CHATS);
    }
    ExportResult.OfCreate result =
        store.create(
            new NewExport(
                new ExportId(ids.next()),
                request,
                owner(caller),
                key,
                clock.instant().truncatedTo(ChronoUnit.MILLIS)),
            limits);
    if (result instanceof ExportResult.Created) {
      onCreated.run();
    }
    return result;
  }

  /**
   * Who asks, as the owner of keys. It is the same for every token of a person, also after the key
   * that hides the ids of users has changed.
   */
  private static String owner(Caller caller) {
    return switch (caller) {
      case Caller.Partner partner -> "partner:" + partner.credentialId();
      case Caller.PatientUser patient -> "patient:" + patient.patient();
      case Caller.CareTeamUser user -> "member:" + user.member().id();
    };
  }

  /** Returns an export. The result is empty if there is none that the caller may see. */
  public Optional<Export> find(Caller caller, TenantInstance instance, ExportId id) {
    if (!caller.instance().equals(instance) || !caller.scopes().contains(Scope.EXPORT_CHATS)) {
      throw new AccessDenied(Scope.EXPORT_CHATS);
    }
    return store
        .find(instance, id)
        .filter(export -> export.request().source().isAllowed(caller, Scope.EXPORT_CHATS));
  }

  /** Returns the export whose file is to be read with {@link #part}, if the file is complete. */
  public ExportResult.OfFile file(Caller caller, TenantInstance instance, ExportId id) {
    return find(caller, instance, id)
        .<ExportResult.OfFile>map(export ->
            export.state() == ExportState.DONE
                ? new ExportResult.Complete(export)
                : new ExportResult.NoFile(export.state()))
        .orElseGet(ExportResult.NoSuchExport::new);
  }

  /**
   * Returns a part of a file, as {@link ExportStore#part} does.
   *
   * @param export an export that {@link #file} has returned to the caller
   */
  public Optional<FilePart> part(Export export, long at) {
    return store.part(export.request().source().instance(), export.id(), at);
  }

  /**
   * Cancels an export that is not complete, or removes one that is.
   *
   * @return whether there was one that the caller may see
   */
  public boolean delete(Caller caller, TenantInstance instance, ExportId id) {
    return find(caller, instance, id).isPresent() && store.delete(instance, id);
  }
}
