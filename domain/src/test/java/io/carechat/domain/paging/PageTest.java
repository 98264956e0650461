package io.carechat.domain.paging;

import static org.assertj.core.api.Assertions.assertThat;

import io.carechat.domain.chat.Samples;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** Pages of lists that are ordered by time alone. */
final class PageTest implements EmptyPageContract<Instant> {
  private static final Instant NOON = Samples.NOON;

  @Override
  public Neighbours<Instant> neighbours() {
    return PrintableTimes.NEIGHBOURS;
  }

  @Override
  public List<Instant> keys() {
    return List.of(
        PrintableTimes.EARLIEST,
        PrintableTimes.EARLIEST.plusMillis(1),
        Instant.EPOCH,
        NOON,
        NOON.plusMillis(1),
        PrintableTimes.LATEST.minusMillis(1),
        PrintableTimes.LATEST);
  }

  @Override
  public Instant timeOf(Instant key) {
    return key;
  }

  private static Page<Instant, Instant> page(
      Slice<Instant> slice, Window<Instant> window, PageSize size) {
    return Page.of(slice, window, size, Function.identity(), PrintableTimes.NEIGHBOURS);
  }

  @Test
  void tokensBeginAtThePagesOwnEnds() {
    Instant newest = NOON.plusSeconds(2);
    Instant border = NOON.plusSeconds(9);
    for (Window<Instant> window :
        List.<Window<Instant>>of(
            new Window.Newest<>(),
            new Window.Before<>(border),
            new Window.After<>(PrintableTimes.EARLIEST))) {
      var slice = new Slice<>(List.of(newest, NOON.plusSeconds(1), NOON), true);

      Page<Instant, Instant> page = page(slice, window, SIZE);

      assertThat(page.newestFirst()).isEqualTo(slice.newestFirst());
      assertThat(page.older()).isEqualTo(new PageToken<>(SIZE, NOON, true));
      assertThat(page.newer()).isEqualTo(new PageToken<>(SIZE, newest, false));
      assertThat(page(new Slice<>(slice.newestFirst(), false), window, SIZE).older()).isNull();
    }
  }

  @Test
  void keepsItsTokensWhenItsItemsAreReplaced() {
    Page<Instant, Instant> page =
        page(new Slice<>(List.of(NOON.plusMillis(1), NOON), true), new Window.Newest<>(), SIZE);

    Page<Long, Instant> mapped = page.map(Instant::toEpochMilli);

    assertThat(mapped.newestFirst()).containsExactly(NOON.toEpochMilli() + 1, NOON.toEpochMilli());
    assertThat(mapped.older()).isEqualTo(page.older());
    assertThat(mapped.newer()).isEqualTo(page.newer());
  }

  /** For every list, every size and every border to begin at: each item once, in order. */
  @Test
  void walksInBothDirectionsLoseAndRepeatNothing() {
    for (int count = 0; count <= 6; count++) {
      var oldestFirst = new ArrayList<Instant>();
      for (int i = 0; i < count; i++) {
        // Some are neighbours, and some are not.
        oldestFirst.add(NOON.plusMillis(i + i / 2));
      }
      for (int size = 1; size <= 7; size++) {
        Page<Instant, Instant> first =
            read(oldestFirst, new PageRequest<>(null, null), new PageSize(size));
        assertThat(older(oldestFirst, first)).isEqualTo(oldestFirst.reversed());
        for (int millis = -1; millis <= 10; millis++) {
          Instant border = NOON.plusMillis(millis);
          for (boolean before : new boolean[] {true, false}) {
            var token = new PageToken<>(new PageSize(size), border, before);
            Page<Instant, Instant> page =
                read(oldestFirst, new PageRequest<>(token, null), new PageSize(size));
            assertThat(page.newestFirst()).allMatch(token.window()::contains);
            assertThat(everything(oldestFirst, page)).isEqualTo(oldestFirst.reversed());
          }
        }
      }
    }
  }

  private static Page<Instant, Instant> read(
      List<Instant> oldestFirst, PageRequest<Instant> request, PageSize size) {
    Window<Instant> window = request.window();
    Slice<Instant> slice =
        Slice.read(
            window,
            size.value(),
            (part, limit) -> SliceTest.nearest(oldestFirst, part, limit),
            Function.identity(),
            PrintableTimes.NEIGHBOURS);
    return page(slice, window, size);
  }

  /** A page and all that is older. */
  private static List<Instant> older(List<Instant> oldestFirst, Page<Instant, Instant> from) {
    var all = new ArrayList<>(from.newestFirst());
    PageToken<Instant> token = from.older();
    while (token != null) {
      Page<Instant, Instant> page =
          read(oldestFirst, new PageRequest<>(token, null), token.pageSize());
      assertThat(page.newestFirst()).isNotEmpty();
      all.addAll(page.newestFirst());
      token = page.older();
    }
    return all;
  }

  /** A page, all that is older, and all that is newer. */
  private static List<Instant> everything(List<Instant> oldestFirst, Page<Instant, Instant> from) {
    var all = new ArrayList<>(older(oldestFirst, from));
    Page<Instant, Instant> page = from;
    do {
      page = read(oldestFirst, new PageRequest<>(page.newer(), null), page.newer().pageSize());
      all.addAll(0, page.newestFirst());
    } while (!page.newestFirst().isEmpty());
    // From an empty page, both directions give the item at its border.
    return from.newestFirst().isEmpty() ? all.stream().distinct().toList() : all;
  }
}
