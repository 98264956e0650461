package io.carechat.browser;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import io.carechat.browser.Visitor.Person;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** How soon a message is on the page while many pages are open. Reports the times. */
final class LivePagesTest {
  private static final int PAGES = 100;
  private static final int MESSAGES = 20;

  private final ChatApi api = new ChatApi();

  @Test
  void everyPageShowsEveryMessage() {
    String patient = ChatApi.newPatient();
    String _ = api.sendAsPatient(patient, "hello");
    var visitors = new ArrayList<Visitor>();
    try {
      Visitor first = new Visitor();
      visitors.add(first);
      first.signIn(Person.NURSE, "/patients/" + patient);
      while (visitors.size() < PAGES) {
        Visitor next = new Visitor();
        visitors.add(next);
        Visitor _ = next.withSessionOf(first).open("/patients/" + patient);
      }
      for (Visitor visitor : visitors) {
        assertThat(visitor.messages("hello")).isVisible();
        Object _ =
            visitor.page.evaluate(
                "() => { window.shown = {}; new MutationObserver(() => {"
                    + " for (const text of document.querySelectorAll('[data-testid=message-text]'))"
                    + " window.shown[text.textContent] ??= Date.now(); })"
                    + ".observe(document.getElementById('log'), {childList: true, subtree: true}); }");
      }
      // The streams are open by now, unless one could not be.
      String _ = api.sendAsPatient(patient, "warm up");
      awaitOn(visitors, "warm up");
      var times = new ArrayList<Long>();
      for (int i = 0; i < MESSAGES; i++) {
        String text = "event " + i;
        long before = System.currentTimeMillis();
        String _ = api.sendAsPatient(patient, text);
        awaitOn(visitors, text);
        for (Visitor visitor : visitors) {
          times.add(
              ((Number) visitor.page.evaluate("text => window.shown[text]", text)).longValue()
                  - before);
        }
      }
      times.sort(null);
      assertThat(times).hasSize(PAGES * MESSAGES);
      System.out.printf(
          "%d pages, %d messages: from the send to the page p50 %d ms, p99 %d ms, slowest %d ms%n",
          PAGES,
          MESSAGES,
          times.get(times.size() / 2),
          times.get(times.size() * 99 / 100),
          times.getLast());
    } finally {
      visitors.forEach(Visitor::close);
    }
  }

  private static void awaitOn(List<Visitor> visitors, String text) {
    for (Visitor visitor : visitors) {
      Object _ = visitor.page.waitForFunction("text => window.shown[text] !== undefined", text);
    }
  }
}
