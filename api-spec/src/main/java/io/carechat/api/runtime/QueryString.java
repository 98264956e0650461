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
 * The query of an address, read strictly. The server's own reading guesses at broken escapes and
 * puts replacement characters for bytes that are not UTF-8, so that the text searched for would not
 * be the text sent.
 *
 * @param parameters the values of each name, both in the order in which they came
 * @param broken the names whose value is broken; the empty string if a name is broken itself
 */
record QueryString(Map<String, List<String>> parameters, List<String> broken) {

  /**
   * Reads a query as browsers and clients write it: names and values with percent escapes of UTF-8,
   * "+" for a space.
   *
   * @param raw what follows the question mark; may be empty
   */
  static QueryString parse(String raw) {
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
        // An address has only ASCII (RFC 3986).
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
