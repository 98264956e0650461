package io.carechat.domain.chat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class EndpointIdTest {
  private static final UUID ID = UUID.fromString("cdb303e7-844f-40f8-b634-fe99bfccce28");

  @ParameterizedTest
  @ValueSource(strings = {"a", "0", "crm", "crm-2", "a--b-", "0123456789"})
  void readsWhatItPrints(String text) {
    assertThat(new EndpointId(text)).hasToString(text);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "-a", "A", "a.b", "a_b", "a b", "a ", "ä", "a/b", "a\n"})
  void refusesWhatIsNotOfTheForm(String text) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new EndpointId(text))
        .withMessageContaining("id must match");
  }

  @Test
  void hasOneTo63Characters() {
    assertThat(new EndpointId("a".repeat(63)).value()).hasSize(63);
    assertThatIllegalArgumentException().isThrownBy(() -> new EndpointId("a".repeat(64)));
  }

  @Test
  void isOfTheApiIfItIsMadeOfAUuid() {
    EndpointId ofApi = EndpointId.ofApi(ID);

    assertThat(ofApi).hasToString("wecdb303e7844f40f8b634fe99bfccce28");
    assertThat(ofApi.isOfApi()).isTrue();
    assertThat(new EndpointId(ofApi.toString())).isEqualTo(ofApi);
    for (String other :
        List.of(
            "crm", "we", "we-" + "0".repeat(31), "we" + "0".repeat(31), "we" + "0".repeat(33))) {
      assertThat(new EndpointId(other).isOfApi()).as(other).isFalse();
    }
    assertThat(new EndpointId("wg" + "0".repeat(32)).isOfApi()).isFalse();
    assertThat(new EndpointId("we" + "g".repeat(32)).isOfApi()).isFalse();
  }

  @Test
  void isInTheOrderOfItsText() {
    List<EndpointId> inOrder =
        Stream.of("0", "a", "a-b", "a0", "ab", "b").map(EndpointId::new).toList();

    assertThat(inOrder.reversed().stream().sorted()).isEqualTo(inOrder);
  }
}
