package io.carechat.rest.inbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.carechat.domain.chat.ClientType;
import io.carechat.domain.inbox.ChatFilter;
import io.carechat.domain.inbox.ChatKey;
import io.carechat.domain.inbox.InboxToken;
import io.carechat.domain.paging.InvalidPageToken;
import io.carechat.domain.paging.PageSize;
import io.carechat.domain.paging.PageToken;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import org.junit.jupiter.api.Test;

final class ChatTokensTest {
  private static final Instant BORDER = Instant.parse("2021-03-05T16:07:31.298Z");
  private static final String GOOD =
      "{\"type\":\"LOCAL_FIND\",\"pageSize\":2,\"borderDate\":\"2021-03-05T16:07:31.298Z\",\"before\":true}";

  @Test
  void tokensOfListsOfChatsComeBackAsTheyWere() {
    String json =
        "{\"type\":\"CHATS\",\"pageSize\":2,\"borderDate\":\"2021-03-05T16:07:31.298Z\","
            + "\"borderId\":\"5cccfad8-c7b0-4fe8-a01e-eb80c0b234ab\",\"before\":true}";

    InboxToken read = ChatTokens.read(encoded(json));
    PageToken<ChatKey> token = read.page();

    assertThat(read.filter()).isEqualTo(ChatFilter.ALL);
    assertThat(token.pageSize()).isEqualTo(new PageSize(2));
    assertThat(token.cursor().lastCreatedAt()).isEqualTo(BORDER);
    assertThat(token.cursor().patient()).hasToString("5cccfad8-c7b0-4fe8-a01e-eb80c0b234ab");
    assertThat(token.before()).isTrue();
    assertThat(decoded(ChatTokens.write(read))).isEqualTo(json);
    assertThatThrownBy(() -> ChatTokens.read(encoded(GOOD)))
        .isInstanceOfSatisfying(
            InvalidPageToken.class,
            invalid -> assertThat(invalid.rule()).isEqualTo("belongs to the messages of a chat"));
    for (String id : new String[] {"\"1-1-1-1-1\"", "7", "null", "\"IM6f03\"", "{}"}) {
      assertRefused(
          encoded(json.replace("\"5cccfad8-c7b0-4fe8-a01e-eb80c0b234ab\"", id)),
          "has a borderId that is not a UUID");
    }
    assertRefused(encoded(json.replace("borderId", "borderID")), "has no borderId");
  }

  @Test
  void tokensOfListsOfUnreadChatsHaveTheSide() {
    for (ClientType side : ClientType.values()) {
      String json =
          "{\"type\":\"CHATS\",\"pageSize\":2,\"borderDate\":\"2021-03-05T16:07:31.298Z\","
              + "\"borderId\":\"5cccfad8-c7b0-4fe8-a01e-eb80c0b234ab\",\"unreadBy\":\""
              + side
              + "\",\"before\":false}";
      InboxToken token = ChatTokens.read(encoded(json));
      assertThat(token.filter()).isEqualTo(new ChatFilter(side));
      assertThat(token.page().before()).isFalse();
      assertThat(decoded(ChatTokens.write(token))).isEqualTo(json);
      for (String other : new String[] {"\"NURSE\"", "\"patient\"", "\"\"", "null", "1", "[]"}) {
        assertRefused(
            encoded(json.replace("\"" + side + "\"", other)),
            "has a unreadBy that is not a side of a chat");
      }
      assertRefused(encoded(json.replace("unreadBy", "unreadby")), "has an unknown member");
      assertRefused(
          encoded(json.replace("\"before\"", "\"query\":\"x\",\"before\"")),
          "has an unknown member");
    }
  }

  private static void assertRefused(String text, String rule) {
    assertThatThrownBy(() -> ChatTokens.read(text))
        .isInstanceOfSatisfying(
            InvalidPageToken.class, invalid -> assertThat(invalid.rule()).isEqualTo(rule));
  }

  private static String encoded(String json) {
    return Base64.getEncoder().encodeToString(json.getBytes(StandardCharsets.UTF_8));
  }

  private static String decoded(String token) {
    return new String(Base64.getDecoder().decode(token), StandardCharsets.UTF_8);
  }
}
