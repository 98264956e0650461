package io.carechat.contracttests.faults;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;

/**
 * Runs scenarios on one machine. First come the scenarios that must run alone, one after another.
 * Then the others run side by side.
 */
final class Campaign {
  /** As many as the machine's two cores can run at once, since scenarios mostly wait. */
  private static final int SIDE_BY_SIDE = 6;

  private Campaign() {}

  /**
   * Runs the scenarios.
   *
   * @param progress gets each row as soon as it is there
   * @return the rows, in the order in which the scenarios ended
   */
  static List<Row> run(Collection<Scenario> scenarios, Rounds rounds, Consumer<Row> progress) {
    var rows = new ArrayList<Row>();
    try (var machine = new Machine();
        ExecutorService threads = Executors.newFixedThreadPool(SIDE_BY_SIDE)) {
      for (Scenario scenario : scenarios) {
        if (scenario.isAlone()) {
          add(rows, scenario.run(machine, rounds), progress);
        }
      }
      List<Scenario> others = scenarios.stream().filter(each -> !each.isAlone()).toList();
      var running = new ExecutorCompletionService<Row>(threads);
      for (Scenario scenario : others) {
        var _ = running.submit(() -> scenario.run(machine, rounds));
      }
      for (Scenario _ : others) {
        add(rows, running.take().get(), progress);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException e) {
      throw new AssertionError("A scenario could not be run", e);
    }
    return rows;
  }

  private static void add(List<Row> rows, Row row, Consumer<Row> progress) {
    rows.add(row);
    progress.accept(row);
  }
}
