package io.carechat.api.runtime;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class NullMembersTest {
  private static final JsonNode DOCUMENT =
      Json.read(
          """
          {"schemas": {
            "Outer": {"required": ["needed"], "properties": {
              "needed": {"$ref": "#/schemas/Inner"},
              "other": {"$ref": "#/schemas/Inner"},
              "list": {"items": {"$ref": "#/schemas/Inner"}}}},
            "Inner": {"required": ["id"], "properties": {"id": {}, "name": {}}}}}
          """
              .getBytes(UTF_8));

  private static final NullMembers MEMBERS =
      new NullMembers(DOCUMENT, Json.read("{\"$ref\":\"#/schemas/Outer\"}".getBytes(UTF_8)));

  @ParameterizedTest
  @CsvSource(
      delimiter = '>',
      quoteCharacter = '`',
      value = {
        "{'other':null} > {}",
        "{'other':null,'needed':{'id':1,'name':null}} > {'needed':{'id':1}}",
        "{'list':[{'id':1,'name':null},null,7]} > {'list':[{'id':1},null,7]}",
        "{'needed':null} > {'needed':null}",
        "{'needed':{'id':null}} > {'needed':{'id':null}}",
        "{'unknown':null} > {'unknown':null}",
        "{'other':[null]} > {'other':[null]}",
        "null > null",
        "7 > 7",
      })
  void removesOnlyWhatIsOptionalAndNull(String body, String expected) {
    JsonNode value = read(body);
    MEMBERS.removeOptional(value);
    assertThat(value).isEqualTo(read(expected));
  }

  private static JsonNode read(String json) {
    return Json.read(json.replace('\'', '"').getBytes(UTF_8));
  }
}
