package io.carechat.domain.audit;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import org.jspecify.annotations.Nullable;

/**
 * The one form of an audit row that is hashed. {@code listAuditEvents} shows the same members. It
 * is JSON as RFC 8785 (JCS) writes it: the members sorted by name, no white space, UTF-8, and no
 * escapes but the necessary ones. There are only strings, integers, booleans, and arrays of
 * strings. A member without a value is left out, never null.
 *
 * <p>This form must never change. The hashes of rows that are stored already depend on it.
 */
public final class CanonicalAuditRow {
  /** Three digits after the second and {@code Z}, as everywhere in the contract. */
  private static final DateTimeFormatter TIME =
      new DateTimeFormatterBuilder().appendInstant(3).toFormatter();

  private static final String HEX = "0123456789abcdef";

  private final StringBuilder json = new StringBuilder(512);

  private CanonicalAuditRow() {}

  /** Returns the canonical form of a row. */
  public static String json(AuditRow row) {
    return new CanonicalAuditRow().write(row);
  }

  /** Returns the bytes that are hashed: the canonical form in UTF-8. */
  public static byte[] bytes(AuditRow row) {
    return json(row).getBytes(StandardCharsets.UTF_8);
  }

  /** In the order of the names. */
  private String write(AuditRow row) {
    AuditEntry entry = row.entry();
    Disclosure shown = entry.shown();
    member("address", entry.address());
    literal("breakGlass", String.valueOf(entry.breakGlass()));
    member("callerType", entry.callerType().name());
    literal("count", shown.count());
    member("credentialId", entry.credentialId());
    time("firstCreatedAt", shown.first());
    member("id", row.id());
    if (!shown.ids().isEmpty()) {
      name("ids");
      json.append('[');
      for (String id : shown.ids()) {
        separate('[');
        string(id);
      }
      json.append(']');
    }
    member("instanceName", entry.instance().instanceName());
    time("lastCreatedAt", shown.last());
    time("occurredAt", entry.occurredAt());
    member("operation", entry.operation());
    member("patientId", entry.patient());
    member("problem", entry.problem());
    member("queryHash", shown.queryHash());
    member("requestId", entry.requestId());
    literal("status", entry.status());
    member("subject", entry.subject());
    member("tenantName", entry.instance().tenantName());
    return json.append('}').toString();
  }

  private void member(String name, @Nullable Object value) {
    if (value != null) {
      name(name);
      string(value.toString());
    }
  }

  private void time(String name, @Nullable Instant time) {
    if (time != null) {
      name(name);
      string(TIME.format(time));
    }
  }

  private void literal(String name, @Nullable Object value) {
    if (value != null) {
      name(name);
      json.append(value);
    }
  }

  private void name(String name) {
    separate('{');
    string(name);
    json.append(':');
  }

  /** Writes a comma, unless nothing has been written since the beginning of an object or array. */
  private void separate(char begin) {
    if (json.isEmpty()) {
      json.append(begin);
    } else if (json.charAt(json.length() - 1) != begin) {
      json.append(',');
    }
  }

  /** RFC 8785, section 3.2.2.2. */
  private void string(String text) {
    json.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"' -> json.append("\\\"");
        case '\\' -> json.append("\\\\");
        case '\b' -> json.append("\\b");
        case '\f' -> json.append("\\f");
        case '\n' -> json.append("\\n");
        case '\r' -> json.append("\\r");
        case '\t' -> json.append("\\t");
        default -> {
          if (c < 0x20) {
            json.append("\\u00").append(HEX.charAt(c >> 4)).append(HEX.charAt(c & 15));
          } else {
            json.append(c);
          }
        }
      }
    }
    json.append('"');
  }
}
