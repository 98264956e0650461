package io.carechat.domain.paging;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

final class SliceTest {
  /** The numbers are their own keys; the list has every second one. */
  private static final List<Integer> OLDEST_FIRST = List.of(2, 4, 6, 8, 10);

  private static final Neighbours<Integer> NEIGHBOURS =
      new Neighbours<>() {
        @Override
        public Integer start() {
          return 0;
        }

        @Override
        public Integer previous(Integer key) {
          return key - 1;
        }

        @Override
        public Integer next(Integer key) {
          return key + 1;
        }
      };

  private record Read(Window<Integer> window, int limit) {}

  private final List<Read> reads = new ArrayList<>();

  /** Those items of a window that are nearest to its border, newest first. */
  static <K extends Comparable<? super K>> List<K> nearest(
      List<K> oldestFirst, Window<K> window, int limit) {
    List<K> inWindow = oldestFirst.stream().filter(window::contains).toList();
    int size = inWindow.size();
    return window instanceof Window.After<K>
        ? inWindow.subList(0, Math.min(limit, size)).reversed()
        : inWindow.subList(Math.max(0, size - limit), size).reversed();
  }

  private Slice<Integer> read(Window<Integer> window, int size) {
    reads.clear();
    return Slice.read(
        window,
        size,
        (part, limit) -> {
          reads.add(new Read(part, limit));
          return nearest(OLDEST_FIRST, part, limit);
        },
        Function.identity(),
        NEIGHBOURS);
  }

  @Test
  void readsTheNewestAndOneMoreToKnowWhetherThereAreOlderOnes() {
    assertThat(read(new Window.Newest<>(), 2)).isEqualTo(new Slice<>(List.of(10, 8), true));
    assertThat(reads).containsExactly(new Read(new Window.Newest<>(), 3));
    assertThat(read(new Window.Newest<>(), 4)).isEqualTo(new Slice<>(List.of(10, 8, 6, 4), true));
    assertThat(read(new Window.Newest<>(), 5))
        .isEqualTo(new Slice<>(List.of(10, 8, 6, 4, 2), false));
    assertThat(read(new Window.Newest<>(), 6))
        .isEqualTo(new Slice<>(List.of(10, 8, 6, 4, 2), false));
  }

  @Test
  void readsThoseNearestBeforeABorder() {
    assertThat(read(new Window.Before<>(8), 2)).isEqualTo(new Slice<>(List.of(6, 4), true));
    assertThat(reads).containsExactly(new Read(new Window.Before<>(8), 3));
    assertThat(read(new Window.Before<>(9), 2)).isEqualTo(new Slice<>(List.of(8, 6), true));
    assertThat(read(new Window.Before<>(6), 2)).isEqualTo(new Slice<>(List.of(4, 2), false));
    assertThat(read(new Window.Before<>(2), 2)).isEqualTo(new Slice<>(List.of(), false));
  }

  @Test
  void readsThoseNearestAfterABorderAndLooksForOlderOnesBeforeThem() {
    assertThat(read(new Window.After<>(4), 2)).isEqualTo(new Slice<>(List.of(8, 6), true));
    assertThat(reads)
        .containsExactly(new Read(new Window.After<>(4), 3), new Read(new Window.Before<>(6), 1));
    assertThat(read(new Window.After<>(8), 2)).isEqualTo(new Slice<>(List.of(10), true));
    assertThat(read(new Window.After<>(0), 9))
        .isEqualTo(new Slice<>(List.of(10, 8, 6, 4, 2), false));
    assertThat(read(new Window.After<>(0), 2)).isEqualTo(new Slice<>(List.of(4, 2), false));
  }

  @Test
  void countsTheItemAtTheBorderAsOlderThanAnEmptySlice() {
    assertThat(read(new Window.After<>(10), 2)).isEqualTo(new Slice<>(List.of(), true));
    assertThat(reads)
        .containsExactly(new Read(new Window.After<>(10), 3), new Read(new Window.Before<>(11), 1));
    assertThat(read(new Window.After<>(11), 2)).isEqualTo(new Slice<>(List.of(), true));
  }

  @Test
  void anEmptyListHasNothingOlderAnywhere() {
    for (Window<Integer> window :
        List.<Window<Integer>>of(
            new Window.Newest<>(), new Window.Before<>(5), new Window.After<>(5))) {
      assertThat(
              Slice.read(window, 3, (_, _) -> List.of(), Function.<Integer>identity(), NEIGHBOURS))
          .isEqualTo(new Slice<Integer>(List.of(), false));
    }
  }

  @Test
  void windowsExcludeTheirBorders() {
    assertThat(new Window.Newest<Integer>().contains(5)).isTrue();
    assertThat(List.of(4, 5, 6)).filteredOn(new Window.Before<>(5)::contains).containsExactly(4);
    assertThat(List.of(4, 5, 6)).filteredOn(new Window.After<>(5)::contains).containsExactly(6);
  }
}
