package io.carechat.persistence.webhooks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.carechat.domain.chat.Secret;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class SecretsKeysTest {
  private static final String KEY = Base64.getEncoder().encodeToString(new byte[32]);

  @Test
  void readsKeysWithCommasOrLineBreaksBetween() {
    SecretsKeys keys = SecretsKeys.parse(new Secret(" k2:" + KEY + ",\n  k_1-a:" + KEY + "\n"));

    assertThat(keys.all()).extracting(SecretsKeys.Key::id).containsExactly("k2", "k_1-a");
    assertThat(keys.first()).map(SecretsKeys.Key::bytes).contains(new byte[32]);
    assertThat(keys.toString()).contains("k2").doesNotContain(KEY);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "planted",
        "k1:",
        "k1:planted",
        ":AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
        "k.1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
        "k1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==",
        "k1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=,planted",
        "k1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=,k1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
      })
  void refusesWhatIsNoKeyAndRepeatsNone(String text) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SecretsKeys.parse(new Secret(text)))
        .withMessageNotContaining("planted")
        .withMessageNotContaining("AAAA");
  }
}
