package io.carechat.api;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jcodings.specific.UTF8Encoding;
import org.joni.Matcher;
import org.joni.Option;
import org.joni.Regex;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The patterns of the published documents mean the same in every language that clients are
 * generated for. The engines of Go (RE2) and of Ruby (Onigmo) are asked here, those of JavaScript
 * in {@code api-spec/lint}, and those of PHP and Python by {@code ./carechat clients}.
 */
final class PortablePatternsTest {

  /** Nothing but this is read alike by all engines. */
  private static final Pattern PORTABLE =
      Pattern.compile(
          "([A-Za-z0-9 ,:/=+*?.|^$@#_-]|\\[|]|\\{|}|\\((?!\\?)|\\)|\\\\x[0-7][0-9A-F]|\\\\\\.)*");

  /** Texts of every sort that some pattern is about. Line breaks are only at the beginning. */
  private static final List<String> TEXTS =
      List.of(
          "",
          " ",
          "\t",
          "\n",
          "\n\n x",
          "\r\n",
          "\u000b",
          "\u001c",
          "\u0085",
          "\u00a0",
          "\u1680",
          "\u2003",
          "\u2028",
          "\u3000",
          "\u3000x",
          "\u0000",
          "x\u0000",
          "\u0001",
          "\u007f",
          "\u009f",
          "x",
          " x ",
          "Grüße",
          "\uD83D\uDE00",
          "مرحبا",
          "日本語",
          "Nurse",
          "Dr. Ö",
          "a b",
          "a-b",
          "-a",
          "test-den",
          "a".repeat(63),
          "a".repeat(64),
          "A",
          "IM6f03096c79094f9b9466c7d009073ca1",
          "IM6F03096C79094F9B9466C7D009073CA1",
          "WH01a205fc20247ee0b2935dff50fe5af7",
          "7421-980",
          "now",
          "٧-٨",
          "message.sent",
          "message..sent",
          "e30=",
          "e30==",
          "a+b/c",
          "a-b_c",
          "https://partner.example/carechat",
          "HTTPS://partner.example/ü",
          "ftp://partner.example",
          "https://partner.example/#x",
          "https://partner.example/ x",
          "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
          "whsec_x3++dl+++3F+5K+pg+i++Ns/9i+JGI+A+",
          "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");

  @ParameterizedTest
  @ValueSource(strings = {"openapi", "webhooks"})
  void everyPatternIsReadAlikeByEveryEngine(String document) {
    Map<String, JsonNode> patterns = patterns(document);
    assertThat(patterns).hasSizeGreaterThan(2);
    patterns.forEach((pattern, _) -> {
      assertThat(pattern).matches(PORTABLE);
      Pattern java = Pattern.compile(pattern);
      com.google.re2j.Pattern go = com.google.re2j.Pattern.compile(pattern);
      Regex ruby = new Regex(pattern, UTF8Encoding.INSTANCE);
      for (String text : TEXTS) {
        boolean matches = java.matcher(text).matches();
        assertThat(go.matcher(text).find()).as("RE2: %s of '%s'", pattern, text).isEqualTo(matches);
        byte[] bytes = text.getBytes(UTF_8);
        boolean inRuby =
            ruby.matcher(bytes).search(0, bytes.length, Option.DEFAULT) != Matcher.FAILED;
        // In Ruby, ^ and $ are the ends of a line: of a text with several lines, it takes more.
        assertThat(inRuby)
            .as("Onigmo: %s of '%s'", pattern, text)
            .isEqualTo(matches || (inRuby && text.contains("\n")));
      }
    });
  }

  /** A generated client that checks the pattern refuses nothing that the service takes. */
  @ParameterizedTest
  @ValueSource(strings = {"openapi", "webhooks"})
  void theServiceIsNeverMoreLenientThanThePattern(String document) {
    patterns(document)
        .forEach((pattern, schema) -> {
          String own = schema.path("x-carechat-pattern").asText();
          for (String text : TEXTS) {
            // A signing secret has yet another rule, see below.
            if (!own.isEmpty()
                && !own.contains("whsec_")
                && Pattern.compile(own).matcher(text).matches()) {
              assertThat(text).matches(pattern);
            }
          }
        });
  }

  /** Generated clients make dates of them, and cannot hold a date against a pattern or a length. */
  @ParameterizedTest
  @ValueSource(strings = {"openapi", "webhooks"})
  void aTimeHasAFormatAndNothingElse(String document) {
    List<JsonNode> times =
        new Documents(document)
            .root().findParents("format").stream()
                .filter(schema -> schema.path("format").asText().equals("date-time"))
                .toList();
    assertThat(times).isNotEmpty();
    assertThat(times)
        .allMatch(time -> !time.has("pattern") && !time.has("minLength") && !time.has("maxLength"));
  }

  /** What the schema of a signing secret admits is the base64 of 24 to 64 bytes, and all of it. */
  @Test
  void aSigningSecretIsTheBase64OfItsBytes() {
    JsonNode schemas = new Documents("openapi").root().at("/components/schemas");
    for (String name : List.of("SigningSecret", "OwnSigningSecret")) {
      Pattern pattern = Pattern.compile(schemas.path(name).path("pattern").asText());
      for (int digits = 0; digits < 100; digits++) {
        for (int padding = 0; padding < 4; padding++) {
          String text = "A".repeat(digits) + "=".repeat(padding);
          assertThat(pattern.matcher("whsec_" + text).find())
              .as(name + " of " + text)
              .isEqualTo(isKey(text));
        }
      }
      assertThat(pattern.matcher("whsec_x3++dl+++3F+5K+pg+i++Ns/9i+JGI+A+").find()).isFalse();
    }
  }

  private static boolean isKey(String text) {
    try {
      int length = Base64.getDecoder().decode(text).length;
      return length >= 24 && length <= 64;
    } catch (IllegalArgumentException notBase64) {
      return false;
    }
  }

  /** Each pattern of a document with one schema that has it. */
  private static Map<String, JsonNode> patterns(String document) {
    Map<String, JsonNode> patterns = new TreeMap<>();
    for (JsonNode schema : new ArrayList<>(new Documents(document).root().findParents("pattern"))) {
      patterns.put(schema.path("pattern").asText(), schema);
    }
    return patterns;
  }
}
