package io.carechat.rest.messages;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.carechat.domain.paging.InvalidPageToken;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class FindTokensTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "eyJ0eXBlIjoiTE9DQUxfRklORCIsInBhZ2VTaXplIjoyLCJib3JkZXJEYXRlIjoiMjAyMS0wMy0wNVQxNjowNzozMS4yOThaIiwiYmVmb3JlIjp0cnVlfQ==",
        "eyJ0eXBlIjoiTE9DQUxfRklORCIsInBhZ2VTaXplIjoyLCJib3JkZXJEYXRlIjoiMjAyMS0wMy0wNVQxNjowNzozMS4yOThaIiwiYmVmb3JlIjpmYWxzZX0=",
        "eyJ0eXBlIjoiTE9DQUxfRklORCIsInBhZ2VTaXplIjoyLCJib3JkZXJEYXRlIjoiMjAyMS0wMy0wNVQxNjowOTo1Mi42NTVaIiwiYmVmb3JlIjp0cnVlfQ==",
        "eyJ0eXBlIjoiTE9DQUxfRklORCIsInBhZ2VTaXplIjoyLCJib3JkZXJEYXRlIjoiMjAyMS0wMy0wNVQxNjowOTo1Mi42NTVaIiwiYmVmb3JlIjpmYWxzZX0=",
      })
  void findTokensOfTheSourceDocumentComeOutAsTheyWentIn(String text) {
    assertThat(FindTokens.write(FindTokens.read(text))).isEqualTo(text);
    assertThatThrownBy(() -> SearchTokens.readInChat(text))
        .isInstanceOfSatisfying(
            InvalidPageToken.class,
            invalid -> assertThat(invalid.rule()).isEqualTo("belongs to the messages of a chat"));
  }
}
