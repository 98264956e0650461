package io.carechat.domain.audit;

import io.carechat.domain.chat.TenantInstance;

/** Makes keyed hashes of queries. Safe for use by many threads. */
@FunctionalInterface
public interface QueryHash {
  /**
   * Returns a keyed hash of a query, in hexadecimal digits. Equal queries of an instance have equal
   * hashes while the key is the same. Only who has the key can find out whether a query belongs to
   * a hash.
   */
  String of(TenantInstance instance, String query);
}
