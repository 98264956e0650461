package io.carechat.domain.paging;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/**
 * The rule of the empty page for one kind of key: whoever turns back from an empty page finds the
 * item at its border again, and every token can be printed.
 *
 * @param <K> the kind of key
 */
public interface EmptyPageContract<K extends Comparable<? super K>> {
  /** The size of the pages. */
  PageSize SIZE = new PageSize(7);

  /** The neighbours of keys, under test. */
  Neighbours<K> neighbours();

  /**
   * Keys that items can have, in ascending order. Some are of {@link PrintableTimes#EARLIEST}, and
   * some of {@link PrintableTimes#LATEST}.
   */
  List<K> keys();

  /** The time that is printed of a key. */
  Instant timeOf(K key);

  private Page<K, K> empty(Window<K> window, boolean olderExist) {
    return Page.of(
        new Slice<>(List.of(), olderExist), window, SIZE, Function.identity(), neighbours());
  }

  private boolean isWithinBounds(K key) {
    return timeOf(key).isAfter(PrintableTimes.EARLIEST)
        && timeOf(key).isBefore(PrintableTimes.LATEST);
  }

  private void assertUsable(PageToken<K> token) {
    assertThat(token.pageSize()).isEqualTo(SIZE);
    assertThat(PrintableTimes.contains(timeOf(token.cursor()))).isTrue();
  }

  @Test
  default void theTestedKeysReachFromEndToEnd() {
    assertThat(keys()).isSorted().doesNotHaveDuplicates();
    assertThat(timeOf(keys().getFirst())).isEqualTo(PrintableTimes.EARLIEST);
    assertThat(timeOf(keys().getLast())).isEqualTo(PrintableTimes.LATEST);
    assertThat(keys()).anyMatch(this::isWithinBounds);
  }

  @Test
  default void anEmptyListLeadsToWhateverComesLater() {
    Page<K, K> page = empty(new Window.Newest<>(), false);

    assertThat(page.newestFirst()).isEmpty();
    assertThat(page.older()).isNull();
    assertUsable(page.newer());
    assertThat(page.newer().before()).isFalse();
    assertThat(keys())
        .filteredOn(key -> timeOf(key).isAfter(Instant.EPOCH))
        .isNotEmpty()
        .allMatch(page.newer().window()::contains);
  }

  @Test
  default void turningBackBeforeTheOldestItemFindsIt() {
    for (K border : keys()) {
      Page<K, K> page = empty(new Window.Before<>(border), false);

      assertThat(page.newestFirst()).isEmpty();
      assertThat(page.older()).isNull();
      assertUsable(page.newer());
      assertThat(page.newer().before()).isFalse();
      assertThat(page.newer().cursor()).isLessThanOrEqualTo(border);
      assertThat(keys())
          .filteredOn(key -> key.compareTo(border) > 0)
          .allMatch(page.newer().window()::contains);
      if (isWithinBounds(border)) {
        assertThat(page.newer().window().contains(border)).as("%s", border).isTrue();
      }
    }
  }

  @Test
  default void turningBackAfterTheNewestItemFindsIt() {
    for (K border : keys()) {
      Page<K, K> page = empty(new Window.After<>(border), true);

      assertThat(page.newestFirst()).isEmpty();
      assertThat(page.newer()).isEqualTo(new PageToken<>(SIZE, border, false));
      PageToken<K> older = Objects.requireNonNull(page.older());
      assertUsable(older);
      assertThat(older.before()).isTrue();
      assertThat(older.cursor()).isGreaterThanOrEqualTo(border);
      assertThat(keys())
          .filteredOn(key -> key.compareTo(border) < 0)
          .allMatch(older.window()::contains);
      if (isWithinBounds(border)) {
        assertThat(older.window().contains(border)).as("%s", border).isTrue();
      }
    }
  }

  @Test
  default void nothingOlderThanAnEmptyPageHasNoToken() {
    for (K border : keys()) {
      Page<K, K> page = empty(new Window.After<>(border), false);

      assertThat(page.older()).isNull();
      assertThat(page.newer()).isEqualTo(new PageToken<>(SIZE, border, false));
    }
  }
}
