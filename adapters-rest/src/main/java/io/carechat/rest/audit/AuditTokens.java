package io.carechat.rest.audit;

import io.carechat.domain.audit.AuditKey;
import io.carechat.domain.paging.InvalidPageToken;
import io.carechat.domain.paging.PageToken;
import io.carechat.rest.events.EventIds;
import io.carechat.rest.paging.PageTokenCodec;
import io.carechat.rest.paging.PageTokenType;

/** Reads and writes the page tokens of a list of audit rows. Immutable. */
final class AuditTokens {
  private static final String ROW = "rowId";

  private final PageTokenCodec codec;

  /**
   * @param type the list
   */
  AuditTokens(PageTokenType type) {
    codec = new PageTokenCodec(type, ROW);
  }

  String write(PageToken<AuditKey> token) {
    AuditKey cursor = token.cursor();
    return codec.write(
        token.pageSize(), cursor.occurredAt(), token.before(), EventIds.write(cursor.position()));
  }

  /**
   * Reads a token.
   *
   * @throws InvalidPageToken if the token cannot be used for this list
   */
  PageToken<AuditKey> read(String text) {
    PageTokenCodec.Token token = codec.read(text);
    var cursor =
        new AuditKey(
            token.borderDate(), token.member(ROW, "the id of an audit event", EventIds::read));
    return new PageToken<>(token.pageSize(), cursor, token.before());
  }
}
