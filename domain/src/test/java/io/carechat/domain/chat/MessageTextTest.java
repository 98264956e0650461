package io.carechat.domain.chat;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class MessageTextTest {
  @ParameterizedTest
  @ValueSource(strings = {"a", "\u007f\u0080\u07ff\u0800\uffff", "\ud83d\ude00", "€ 5 für 한글 😀!"})
  void knowsHowManyBytesItHas(String text) {
    assertThat(new MessageText(text).utf8Length())
        .isEqualTo(text.getBytes(StandardCharsets.UTF_8).length);
  }
}
