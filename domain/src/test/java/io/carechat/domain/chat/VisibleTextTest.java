package io.carechat.domain.chat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class VisibleTextTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " \t\n\u2003\u3000",
        "\u00a0\u202f",
        "\u200b",
        "\u00ad\u200e\u2060\ufeff",
        "\u2800",
        "\u3164",
        "\u115f\u1160\uffa0",
        "\ufe0f",
        "\udb40\udd00",
        "\udb40\udc20",
        "\u0301",
        " \u0301\u093f \u20dd",
        "\u001f\u0085",
        "\u180e\u180b\u034f\u17b5",
      })
  void looksEmpty(String text) {
    assertThat(VisibleText.isBlank(text)).isTrue();
    assertThat(MessageText.faultIn(text)).contains(MessageText.Fault.BLANK);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Sender.CareTeamMember(Samples.newUuid(), text));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        ".",
        "\u200ba",
        " e\u0301",
        "👍🏽",
        "ㅤ한",
        "\u2801",
        "\u0600",
        "é",
        "\ue000",
        "\u0640",
        "\u0001"
      })
  void canBeSeen(String text) {
    assertThat(VisibleText.isBlank(text)).isFalse();
    assertThat(MessageText.faultIn(text)).isEmpty();
  }
}
