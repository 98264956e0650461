package io.carechat.api.runtime;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The query of an address, parsed strictly. The server's own parser guesses at broken escapes and
 * replaces bytes that are not UTF-8. Then the text that is searched for could differ from the text
 * that was sent.
 *
 * @param parameters the values of each name; names and values are in the order in which they were
 *     sent
 * @param broken the names of parameters whose value is broken; an empty string stands for a
 *     parameter whose name is broken
 */
public record QueryString(Map<String, List<String>> parameters, List<String> broken) {

  /**
   * Parses a query as browsers and clients write it. Names and values are UTF-8 with percent
   * escapes, and "+" stands for a space.
   *
   * @param raw the text after the question mark; may be empty
   */
  public static QueryString parse(String raw) {
    Map<String, List<String>> parameters = new LinkedHashMap<>();
    List<String> broken = new ArrayList<>();
    for (String pair : raw.split("&", -1)) {
      if (pair.isEmpty()) {
        continue;
      }
      int equals = pair.indexOf('=');
      Optional<String> name = decode(equals < 0 ? pair : pair.substring(0, equals));
      Optional<String> value = equals < 0 ? Optional.of("") : decode(pair.substring(equals + 1));
      if (name.isEmpty() || value.isEmpty()) {
        broken.add(name.orElse(""));
      } else {
        parameters.computeIfAbsent(name.get(), _ -> new ArrayList<>()).add(value.get());
      }
    }
    return new QueryString(parameters, broken);
  }

  private static Optional<String> decode(String text) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '+') {
        bytes.write(' ');
      } else if (c == '%') {
        if (i + 2 >= text.length()
            || !HexFormat.isHexDigit(text.charAt(i + 1))
            || !HexFormat.isHexDigit(text.charAt(i + 2))) {
          return Optional.empty();
        }
        bytes.write(HexFormat.fromHexDigits(text, i + 1, i + 3));
        i += 2;
      } else if (c < 0x80) {
        bytes.write(c);
      } else {
        // Addresses contain only ASCII characters (RFC 3986).
        return Optional.empty();
      }
    }
    try {
      return Optional.of(
          StandardCharsets.UTF_8
              .newDecoder()
              .decode(ByteBuffer.wrap(bytes.toByteArray()))
              .toString());
    } catch (CharacterCodingException e) {
      return Optional.empty();
    }
  }
}
