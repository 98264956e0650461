package io.carechat.browser;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.APIResponse;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Route;
import io.carechat.browser.Visitor.Person;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** A message that was written is neither lost nor sent twice. */
final class SendingTest {
  private static final String SENDS = "**/messages";
  private static final int RUNS =
      Integer.parseInt(Objects.requireNonNull(System.getProperty("carechat.browser.runs")));

  private final ChatApi api = new ChatApi();
  private final String patient = ChatApi.newPatient();

  SendingTest() {
    String _ = api.sendAsPatient(patient, "hello");
  }

  private static boolean isSend(Route route) {
    return route.request().method().equals("POST");
  }

  @Test
  void appearsAtOnceAndThenAsSent() {
    try (Visitor nurse = new Visitor()) {
      nurse.signIn(Person.NURSE, "/patients/" + patient);
      var held = new ArrayList<Route>();
      nurse.page.route(
          SENDS,
          route -> {
            if (isSend(route)) {
              held.add(route);
            } else {
              route.resume();
            }
          });
      nurse.write("is this sent?");
      assertThat(nurse.find("[data-testid=unsent-message][data-state=sending]"))
          .containsText("is this sent?");
      assertThat(nurse.find("#composer-text")).hasValue("");
      InboxTest.await(() -> {
        nurse.page.waitForTimeout(10);
        return !held.isEmpty();
      });
      held.getFirst().resume();
      assertThat(nurse.find("[data-testid=unsent-message]")).hasCount(0);
      assertThat(nurse.messages("is this sent?")).hasCount(1);
      assertThat(api.texts(patient)).containsExactly("hello", "is this sent?");
    }
  }

  @Test
  void failsVisiblyAndIsKeptOverAReload() {
    try (Visitor nurse = new Visitor()) {
      nurse.signIn(Person.NURSE, "/patients/" + patient);
      nurse.page.route(
          SENDS,
          route -> {
            if (isSend(route)) {
              route.abort();
            } else {
              route.resume();
            }
          });
      nurse.write("not yet");
      assertThat(nurse.find("[data-testid=unsent-message][data-state=failed]"))
          .containsText("not yet");
      Object _ = nurse.page.reload();
      assertThat(nurse.find("[data-testid=unsent-message][data-state=failed]"))
          .containsText("not yet");
      nurse.page.unroute(SENDS);
      nurse.find("[data-testid=retry]").click();
      assertThat(nurse.find("[data-testid=unsent-message]")).hasCount(0);
      assertThat(nurse.messages("not yet")).hasCount(1);
      assertThat(api.texts(patient)).containsExactly("hello", "not yet");
    }
  }

  @Test
  void aDraftOutlivesTheTab() {
    try (Visitor nurse = new Visitor()) {
      nurse.signIn(Person.NURSE, "/patients/" + patient);
      nurse.find("#composer-text").fill("half a sen");
      Object _ = nurse.page.reload();
      assertThat(nurse.find("#composer-text")).hasValue("half a sen");
      nurse.page.close();
      Page tab = nurse.newTab();
      Object _ = tab.navigate(nurse.url("/patients/" + patient));
      assertThat(tab.locator("#composer-text")).hasValue("half a sen");
    }
  }

  @Test
  void whatCannotBeSentIsGivenBack() {
    try (Visitor nurse = new Visitor()) {
      nurse.signIn(Person.NURSE, "/patients/" + patient);
      nurse.page.route(
          SENDS,
          route -> {
            if (isSend(route)) {
              route.fulfill(
                  new Route.FulfillOptions()
                      .setStatus(413)
                      .setContentType("application/problem+json")
                      .setBody(
                          "{\"type\":\"/problems/payload-too-large\",\"title\":\"Too large\",\"status\":413,"
                              + "\"code\":\"payload-too-large\",\"detail\":\"too large\",\"instance\":\"x\"}"));
            } else {
              route.resume();
            }
          });
      nurse.write("refused for ever");
      assertThat(nurse.find("[data-testid=unsent-message][data-state=refused]"))
          .containsText("refused for ever");
      nurse.find("[data-testid=edit-unsent]").click();
      assertThat(nurse.find("#composer-text")).hasValue("refused for ever");
      assertThat(nurse.find("[data-testid=unsent-message]")).hasCount(0);
    }
  }

  /** Two tabs have the same unsent message, and both come back at once. */
  @Test
  void twoTabsSendItOnce() {
    try (Visitor nurse = new Visitor()) {
      nurse.signIn(Person.NURSE, "/patients/" + patient);
      Page other = nurse.newTab();
      Object _ = other.navigate(nurse.url("/patients/" + patient));
      assertThat(other.locator("#log[data-state=ready]")).isVisible();
      nurse.context().setOffline(true);
      nurse.write("once, please");
      assertThat(nurse.find("[data-testid=unsent-message]")).containsText("once, please");
      nurse.context().setOffline(false);
      assertThat(nurse.find("[data-testid=unsent-message]")).hasCount(0);
      assertThat(other.locator("[data-testid=unsent-message]")).hasCount(0);
      assertThat(nurse.messages("once, please")).hasCount(1);
      assertThat(api.texts(patient)).containsExactly("hello", "once, please");
    }
  }

  /** How a send is disturbed. */
  private enum Cut {
    BEFORE_THE_SERVICE,
    AFTER_THE_SERVICE,
    REFUSED_FOR_NOW,
    RELOADED_BEFORE,
    RELOADED_AFTER,
    NONE
  }

  @Test
  void exactlyOneMessageWhereverTheNetworkIsCut() {
    var random = new Random(20_261_201);
    var written = new ArrayList<String>(List.of("hello"));
    try (Visitor nurse = new Visitor()) {
      nurse.signIn(Person.NURSE, "/patients/" + patient);
      for (int run = 1; run <= RUNS; run++) {
        String text = "run " + run;
        Cut cut = Cut.values()[random.nextInt(Cut.values().length)];
        int times = 1 + random.nextInt(2);
        written.add(text);
        write(nurse, text, cut, times);
        settle(nurse, text + ", " + cut);
      }
      assertThat(nurse.scriptErrors()).isEmpty();
    }
    assertThat(api.texts(patient)).containsExactlyElementsOf(written);
  }

  private static void write(Visitor nurse, String text, Cut cut, int times) {
    var disturbed = new AtomicInteger();
    nurse.page.route(
        SENDS,
        route -> {
          if (!isSend(route) || cut == Cut.NONE || disturbed.getAndIncrement() >= times) {
            route.resume();
            return;
          }
          switch (cut) {
            case BEFORE_THE_SERVICE -> route.abort();
            case AFTER_THE_SERVICE -> {
              APIResponse _ = route.fetch();
              route.abort();
            }
            case REFUSED_FOR_NOW ->
                route.fulfill(
                    new Route.FulfillOptions()
                        .setStatus(503)
                        .setContentType("application/problem+json")
                        .setBody(
                            "{\"type\":\"/problems/unavailable\",\"title\":\"Unavailable\",\"status\":503,"
                                + "\"code\":\"unavailable\",\"detail\":\"later\",\"instance\":\"x\"}"));
            case RELOADED_AFTER -> {
              APIResponse _ = route.fetch();
            }
            default -> {
              // Never answered: the page is reloaded meanwhile.
            }
          }
        });
    nurse.write(text);
    if (cut == Cut.RELOADED_BEFORE || cut == Cut.RELOADED_AFTER) {
      InboxTest.await(() -> {
        nurse.page.waitForTimeout(5);
        return disturbed.get() > 0;
      });
      nurse.page.unroute(SENDS);
      Object _ = nurse.page.reload();
    }
  }

  /** Waits until everything is sent, and helps as a person would: by the button. */
  private static void settle(Visitor nurse, String run) {
    InboxTest.await(() -> {
      nurse.page.waitForTimeout(10);
      if (nurse.find("[data-testid=retry]").count() > 0) {
        Object _ =
            nurse.page.evaluate("() => document.querySelector('[data-testid=retry]')?.click()");
      }
      return nurse.find("#log[data-state=ready]").count() > 0
          && nurse.find("[data-testid=unsent-message]").count() == 0;
    });
    assertThat(nurse.find("[data-testid=unsent-message]").count()).as(run).isZero();
    nurse.page.unroute(SENDS);
  }
}
