package io.carechat.domain.paging;

import static io.carechat.domain.chat.Samples.NOON;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class PageRequestTest {
  private static final PageSize SEVEN = new PageSize(7);
  private static final PageSize NINE = new PageSize(9);

  @Test
  void asksForTheNewestPageOfTheDefaultSizeByDefault() {
    assertThat(new PageRequest<Instant>(null, null).window())
        .isEqualTo(new Window.Newest<Instant>());
    assertThat(new PageRequest<Instant>(null, null).size()).isEqualTo(PageSize.DEFAULT);
    assertThat(PageSize.DEFAULT.value()).isEqualTo(50);
  }

  @Test
  void usesTheWindowAndTheSizeOfItsToken() {
    var older = new PageToken<>(SEVEN, NOON, true);
    var newer = new PageToken<>(SEVEN, NOON, false);

    assertThat(new PageRequest<>(older, null).window()).isEqualTo(new Window.Before<>(NOON));
    assertThat(new PageRequest<>(newer, null).window()).isEqualTo(new Window.After<>(NOON));
    assertThat(new PageRequest<>(older, null).size()).isEqualTo(SEVEN);
  }

  @Test
  void prefersTheRequestedSize() {
    var older = new PageToken<>(SEVEN, NOON, true);

    assertThat(new PageRequest<>(older, NINE).size()).isEqualTo(NINE);
    assertThat(new PageRequest<>(older, NINE).window()).isEqualTo(new Window.Before<>(NOON));
    assertThat(new PageRequest<Instant>(null, NINE).size()).isEqualTo(NINE);
  }

  @ParameterizedTest
  @ValueSource(ints = {Integer.MIN_VALUE, -1, 0, 201, Integer.MAX_VALUE})
  void pagesHaveOneToTwoHundredItems(int size) {
    assertThatIllegalArgumentException().isThrownBy(() -> new PageSize(size));
    assertThat(new PageSize(PageSize.MIN).value()).isEqualTo(1);
    assertThat(new PageSize(PageSize.MAX).value()).isEqualTo(200);
  }
}
