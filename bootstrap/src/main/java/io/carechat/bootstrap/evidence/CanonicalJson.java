package io.carechat.bootstrap.evidence;

import com.nimbusds.jose.util.JSONObjectUtils;
import java.text.ParseException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Writes JSON as RFC 8785 does, as far as rows of the audit have it: objects, arrays, texts, whole
 * numbers and booleans.
 */
final class CanonicalJson {
  private final StringBuilder out = new StringBuilder();

  private CanonicalJson() {}

  /**
   * Writes the object of a text.
   *
   * @throws ParseException if the text is not a JSON object
   * @throws IllegalArgumentException if it has a value that no row has
   */
  static String of(String json) throws ParseException {
    var canonical = new CanonicalJson();
    canonical.value(JSONObjectUtils.parse(json));
    return canonical.out.toString();
  }

  private void value(@Nullable Object value) {
    switch (value) {
      case Map<?, ?> members -> object(members);
      case List<?> items -> {
        String separator = "[";
        for (Object item : items) {
          out.append(separator);
          value(item);
          separator = ",";
        }
        out.append(items.isEmpty() ? "[]" : "]");
      }
      case String text -> string(text);
      case Boolean is -> out.append(is.booleanValue());
      case Long number -> out.append(number.longValue());
      case Integer number -> out.append(number.intValue());
      case null, default -> throw new IllegalArgumentException("no row has such a value");
    }
  }

  private void object(Map<?, ?> members) {
    var sorted = new TreeMap<String, @Nullable Object>();
    members.forEach((name, value) -> sorted.put(String.valueOf(name), value));
    String separator = "{";
    for (Map.Entry<String, @Nullable Object> member : sorted.entrySet()) {
      out.append(separator);
      string(member.getKey());
      out.append(':');
      value(member.getValue());
      separator = ",";
    }
    out.append(sorted.isEmpty() ? "{}" : "}");
  }

  /** RFC 8785, section 3.2.2.2. */
  private void string(String text) {
    out.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"' -> out.append("\\\"");
        case '\\' -> out.append("\\\\");
        case '\b' -> out.append("\\b");
        case '\f' -> out.append("\\f");
        case '\n' -> out.append("\\n");
        case '\r' -> out.append("\\r");
        case '\t' -> out.append("\\t");
        default -> out.append(c < 0x20 ? "\\u%04x".formatted((int) c) : String.valueOf(c));
      }
    }
    out.append('"');
  }
}
