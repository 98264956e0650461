package io.carechat.contracttests.generated;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.random.RandomGenerator;

/** Texts that are known to have caused failures in some program. */
final class Texts {
  private static final List<String> CORNERS =
      List.of(
          "",
          " ",
          "\t",
          "\u0000",
          "a\u0000b",
          "\u007f",
          "\u0085",
          "\u00a0",
          "\u2028",
          "\u202egnidaer morf thgir",
          "\u200b",
          "\ufeffx",
          "\uffff",
          "e\u0301",
          "\u0130\u0131\u017f\u00df",
          "\ufdfa",
          "\ud83d\udc68\u200d\ud83d\udc69\u200d\ud83d\udc67",
          "\ud83c\uddea\ud83c\uddfa",
          "\udbff\udfff",
          "\u0e01\u0e33",
          "\u4f60\u597d",
          "' OR '1'='1",
          "'; DROP TABLE message; --",
          "\\",
          "\\x00",
          "%",
          "_%",
          "$1",
          "${jndi:ldap://127.0.0.1/x}",
          "{{7*7}}",
          "*",
          "*:*",
          "a* -b \"c",
          "\"",
          "\"\"",
          "-",
          "- -",
          "--x",
          "+x",
          "(a OR (b",
          "a AND NOT",
          "/a.*/",
          "field:value^2~",
          "{\"match_all\":{}}",
          "<script>alert(1)</script>",
          "<em>x</em>",
          "../../etc/passwd",
          "null",
          "true",
          "NaN",
          "Infinity",
          "-0",
          "1e400",
          "0x10",
          "+1",
          "01",
          "1.0",
          "\u0661\u0662",
          "2147483648",
          "-9223372036854775809",
          "99999999999999999999999999",
          "1-1-1-1-1",
          "00000000-0000-0000-0000-000000000000",
          "FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF",
          "IM00000000000000000000000000000000",
          "IMffffffffffffffffffffffffffffffff",
          "2021-02-30T00:00:00Z",
          "2021-03-01T24:00:00Z",
          "2016-12-31T23:59:60Z",
          "0000-01-01T00:00:00Z",
          "9999-12-31T23:59:59.999999999Z",
          "-0001-01-01T00:00:00Z",
          "+10000-01-01T00:00:00Z",
          "2021-03-01T00:00:00+18:01",
          "2021-03-01T00:00:00-00:00",
          "2021-03-01T00:00:00+0100",
          "2021-03-01T12:00-01-01T00:00:00Z",
          "2021-03-01t00:00:00z",
          "2021-03-01 00:00:00Z",
          "2021-03-01");

  private static final List<String> LETTERS =
      List.of("a", "\u00e9", "\u4f60", "\ud83d\ude00", "\u0301", "*", "\"", "-", " ", "'", "\\");

  private Texts() {}

  static <T> T one(RandomGenerator random, List<T> of) {
    return of.get(random.nextInt(of.size()));
  }

  /** A text for a schema. It is a known edge case, or as long as allowed, or longer. */
  static String forSchema(RandomGenerator random, JsonNode schema) {
    if (random.nextInt(3) > 0) {
      return one(random, CORNERS);
    }
    int max = schema.path("maxLength").asInt(100);
    int length =
        switch (random.nextInt(4)) {
          case 0 -> max;
          case 1 -> max + 1;
          case 2 -> Math.max(0, max - 1);
          default -> random.nextInt(1, max + 2);
        };
    String letter = one(random, LETTERS);
    String word = "w".repeat(random.nextInt(1, 9));
    return random.nextBoolean()
        ? letter.repeat(length)
        : (word + letter)
            .repeat(length / (word.length() + 1) + 1)
            .substring(0, Math.max(1, length));
  }

  /** A page token, which may be well-formed or not. */
  static String token(RandomGenerator random) {
    String type = one(random, List.of("\"LOCAL_FIND\"", "\"LOCAL_SEARCH\"", "\"X\"", "null", "7"));
    String size =
        one(
            random,
            List.of(
                "2", "200", "0", "-1", "201", "2147483648", "\"2\"", "1.5", "1e1", "null", "[]"));
    String date =
        one(random, List.of(true, false, false))
            ? "\"2021-03-05T16:07:31.298Z\""
            : one(
                random,
                List.of(
                    "\"2021-03-05T16:07:31Z\"",
                    "\"2021-03-05T16:07:31.2981Z\"",
                    "\"2021-03-05T16:07:31.298+01:00\"",
                    "\"+999999999-12-31T23:59:59.999Z\"",
                    "\"-999999999-01-01T00:00:00.000Z\"",
                    "\"0000-00-00T00:00:00.000Z\"",
                    "\"9999-12-31T23:59:59.999Z\"",
                    "\"0001-01-01T00:00:00.000Z\"",
                    "\"yesterday\"",
                    "0",
                    "null"));
    String query =
        one(
            random,
            List.of(
                "",
                "\"query\":\"hello\",",
                "\"query\":\"\\u0000\",",
                "\"query\":\"\\ud800\",",
                "\"query\":\"" + "x".repeat(501) + "\",",
                "\"query\":\"- \\\"\",",
                "\"query\":null,",
                "\"more\":1,",
                "\"type\":\"LOCAL_FIND\","));
    String before = one(random, List.of("true", "false", "null", "\"true\"", "0"));
    String json =
        "{\"type\":"
            + type
            + ",\"pageSize\":"
            + size
            + ",\"borderDate\":"
            + date
            + ","
            + query
            + "\"before\":"
            + before
            + "}";
    json =
        switch (random.nextInt(8)) {
          case 0 -> json.substring(0, random.nextInt(json.length()));
          case 1 -> json + one(random, List.of(" ", "x", "{}", "\u0000"));
          case 2 -> "[".repeat(500);
          default -> json;
        };
    byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
    if (bytes.length > 0 && random.nextInt(8) == 0) {
      bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
    }
    String token =
        switch (random.nextInt(4)) {
          case 0 -> Base64.getUrlEncoder().encodeToString(bytes);
          case 1 -> Base64.getEncoder().withoutPadding().encodeToString(bytes);
          default -> Base64.getEncoder().encodeToString(bytes);
        };
    return switch (random.nextInt(10)) {
      case 0 -> token.substring(random.nextInt(token.length() + 1));
      case 1 -> token + one(random, List.of("=", "==", " ", "\n", "%", "A", "\u00e9"));
      default -> token;
    };
  }
}
