package io.carechat.api.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class QueryStringTest {

  @Test
  void readsNamesAndValuesInTheirOrder() {
    QueryString query = QueryString.parse("b=1&a=%C3%A9+%2B%F0%9F%91%8B&b=2&c&d==&&");

    assertThat(query.broken()).isEmpty();
    assertThat(query.parameters())
        .containsExactly(
            entry("b", List.of("1", "2")),
            entry("a", List.of("é +👋")),
            entry("c", List.of("")),
            entry("d", List.of("=")));
  }

  @Test
  void hasNothingWithoutAQuery() {
    assertThat(QueryString.parse("").parameters()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"%", "%4", "%zz", "%+1", "%C3", "%ED%A0%80", "%C0%80", "é", "%４1"})
  void tellsWhatIsBroken(String value) {
    QueryString query = QueryString.parse("a=1&q=" + value);

    assertThat(query.broken()).containsExactly("q");
    assertThat(query.parameters()).containsOnlyKeys("a");
  }

  @Test
  void hasNoNameForABrokenName() {
    assertThat(QueryString.parse("%ff=1").broken()).containsExactly("");
  }
}
