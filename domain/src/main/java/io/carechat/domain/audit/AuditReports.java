package io.carechat.domain.audit;

import io.carechat.domain.access.AccessDenied;
import io.carechat.domain.access.Caller;
import io.carechat.domain.access.Scope;
import io.carechat.domain.chat.ChatId;
import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.chat.Unavailable;
import io.carechat.domain.paging.Page;
import io.carechat.domain.paging.PageRequest;
import io.carechat.domain.paging.PageSize;
import io.carechat.domain.paging.PageToken;
import io.carechat.domain.paging.Window;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Shows the audit: to those who answer for an instance all of it, and to patients who has accessed
 * their own chats. Safe for use by many threads. Every method may throw {@link Unavailable}.
 */
public final class AuditReports {
  private final AuditQueries queries;

  /**
   * @param queries reads the audit
   */
  public AuditReports(AuditQueries queries) {
    this.queries = queries;
  }

  /**
   * Returns a page of the rows of an instance, newest first.
   *
   * <p>A page may have fewer rows than were asked for, even none, although there are older ones:
   * the token says whether there are. A row may appear up to some seconds after its time, because
   * it is stored after that. No row is ever changed or removed, so pages that lead to older rows
   * repeat none.
   *
   * @throws AccessDenied if the caller may not read the audit of the instance
   */
  public Page<AuditRow, AuditKey> list(
      Caller caller, TenantInstance instance, AuditFilter filter, PageRequest<AuditKey> request) {
    caller.require(Scope.READ_AUDIT, instance);
    return page(instance, filter, request);
  }

  /**
   * Returns a page of the requests for one chat, newest first. Patients may see those of their own
   * chats if they may read these. Everybody else needs the right to read the audit.
   *
   * @throws AccessDenied if the caller may not see who has accessed the chat
   */
  public Page<AuditRow, AuditKey> accesses(
      Caller caller, ChatId chat, PageRequest<AuditKey> request) {
    if (caller instanceof Caller.PatientUser) {
      caller.require(Scope.READ_MESSAGES, chat);
    } else {
      caller.require(Scope.READ_AUDIT, chat.instance());
    }
    return page(chat.instance(), AuditFilter.ofPatient(chat.patient()), request);
  }

  private Page<AuditRow, AuditKey> page(
      TenantInstance instance, AuditFilter filter, PageRequest<AuditKey> request) {
    Window<AuditKey> window = request.window();
    PageSize size = request.size();
    // One more than is shown, to see whether there is more.
    AuditQueries.Found found = queries.read(instance, filter, window, size.value() + 1);
    List<AuditRow> rows = found.newestFirst();
    boolean more = rows.size() > size.value();
    AuditKey end = more ? null : found.examinedTo();
    return switch (window) {
      case Window.Newest<AuditKey>() ->
          older(more ? rows.subList(0, size.value()) : rows, more, end, null, size);
      case Window.Before<AuditKey>(AuditKey cursor) ->
          older(
              more ? rows.subList(0, size.value()) : rows,
              more,
              end,
              AuditKey.NEIGHBOURS.previous(cursor),
              size);
      case Window.After<AuditKey>(AuditKey cursor) ->
          newer(more ? rows.subList(1, rows.size()) : rows, end, cursor, size);
    };
  }

  /**
   * @param end up to where the rows were looked at, if not to the end
   * @param newerEnd where the newer rows begin if the page is empty; null for the beginning of all
   */
  private static Page<AuditRow, AuditKey> older(
      List<AuditRow> rows,
      boolean more,
      @Nullable AuditKey end,
      @Nullable AuditKey newerEnd,
      PageSize size) {
    AuditKey older = more ? rows.getLast().key() : end;
    AuditKey newer =
        !rows.isEmpty()
            ? rows.getFirst().key()
            : newerEnd != null ? newerEnd : end != null ? end : AuditKey.NEIGHBOURS.start();
    return new Page<>(
        rows,
        older == null ? null : new PageToken<>(size, older, true),
        new PageToken<>(size, newer, false));
  }

  /**
   * Older rows are not looked for: the token leads to them, and shows if there are none.
   *
   * @param end up to where the rows were looked at, if not to the end
   */
  private static Page<AuditRow, AuditKey> newer(
      List<AuditRow> rows, @Nullable AuditKey end, AuditKey cursor, PageSize size) {
    AuditKey older = rows.isEmpty() ? AuditKey.NEIGHBOURS.next(cursor) : rows.getLast().key();
    AuditKey newer = end != null ? end : rows.isEmpty() ? cursor : rows.getFirst().key();
    return new Page<>(
        rows, new PageToken<>(size, older, true), new PageToken<>(size, newer, false));
  }
}
