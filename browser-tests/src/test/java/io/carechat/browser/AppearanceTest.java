package io.carechat.browser;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.APIResponse;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Route;
import com.microsoft.playwright.options.ColorScheme;
import io.carechat.browser.Visitor.Person;
import io.carechat.browser.Visitor.Screen;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * How each page looks, on a desk and on a phone, in light and dark, in small and from right to
 * left. Axe must find nothing wrong in any state, and nothing may be wider than the screen. Makes a
 * picture of each state.
 */
final class AppearanceTest {
  private final ChatApi api = new ChatApi();

  /** A screen, and how its pictures are called. */
  record Look(String name, Screen screen, boolean isRightToLeft) {
    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<Look> looks() {
    return Stream.of(
        new Look("desk-light", Screen.DESK, false),
        new Look("desk-dark", Screen.DESK.dark(), false),
        new Look("phone-light", Screen.PHONE, false),
        new Look("phone-dark", Screen.PHONE.dark(), false),
        // As with a zoom of 400 % on a desk (WCAG 2.2, 1.4.10).
        new Look("small-light", new Screen(320, 256, ColorScheme.LIGHT, "en-GB"), false),
        new Look("desk-right-to-left", Screen.DESK, true));
  }

  private String conversation() {
    String patient = ChatApi.newPatient();
    String _ =
        api.sendAsPatient(patient, "Good evening. I took the new tablets, and now I feel dizzy.");
    String _ = api.sendAsCareTeam(patient, "Since when? And how much of them did you take?");
    String _ =
        api.sendAsPatient(patient, "Since this morning.\nTwo of 50 mg, as it says on the box:");
    String _ =
        api.sendAsPatient(
            patient, "https://medicines.example/leaflet?id=" + "0123456789".repeat(12));
    String _ = api.sendAsPatient(patient, "מתי אפשר לבוא? أحتاج إلى موعد 🙏");
    String _ = api.sendAsPatient(patient, "Donaudampfschifffahrtsgesellschaft".repeat(6));
    return patient;
  }

  @ParameterizedTest
  @MethodSource("looks")
  void isAccessibleAndFits(Look look) {
    var findings = new ArrayList<String>();
    String patient = conversation();
    try (Visitor nurse = new Visitor(look.screen())) {
      turn(nurse, look);
      nurse.open("/patients/" + patient);
      nurse.find("#sign-in").waitFor();
      check(nurse, look, "signed-out", findings);
      nurse.signIn(Person.DOCTOR);
      assertThat(nurse.find("[data-testid=chat-row]").first()).isVisible();
      check(nurse, look, "inbox", findings);
      nurse.open("/patients/" + RunningDemo.get().variable("CARECHAT_PATIENT_ID"));
      assertThat(nurse.find("#log[data-state=ready]")).isVisible();
      check(nurse, look, "demonstration", findings);
      nurse.open("#search=tablets");
      assertThat(nurse.find("[data-testid=hit]").first()).isVisible();
      check(nurse, look, "search", findings);
      nurse.open("#search=" + "nobody wrote this".replace(' ', '+'));
      assertThat(nurse.find("#search-nothing")).isVisible();
      check(nurse, look, "search-nothing", findings);
      nurse.open("/patients/" + patient);
      assertThat(nurse.find("#log[data-state=ready]")).isVisible();
      check(nurse, look, "conversation", findings);
      nurse.page.route("**/messages", AppearanceTest::fail);
      nurse.write("Please take no more of them. We call you back within the hour.");
      assertThat(nurse.find("[data-testid=unsent-message][data-state=failed]")).isVisible();
      check(nurse, look, "failed-send", findings);
      nurse.find("[data-testid=delete-unsent]").click();
      nurse.page.unroute("**/messages");
      nurse.open("/patients/" + ChatApi.newPatient());
      assertThat(nurse.find("#conversation-empty")).isVisible();
      check(nurse, look, "empty-conversation", findings);
      nurse.open("#webhooks");
      assertThat(nurse.find("[data-testid=endpoint]").first()).isVisible();
      check(nurse, look, "webhooks", findings);
      Object _ = nurse.page.navigate(nurse.url("").replace("chat2", "chat3"));
      assertThat(nurse.find("#wrong-place")).isVisible();
      check(nurse, look, "wrong-place", findings);
      nurse.open("");
      nurse.find("#account").click();
      check(nurse, look, "account", findings);
      assertThat(nurse.scriptErrors()).isEmpty();
    }
    try (Visitor phone = new Visitor(look.screen())) {
      turn(phone, look);
      Object _ = phone.page.navigate(api.signInLink(patient));
      assertThat(phone.find("#open-conversation")).isVisible();
      check(phone, look, "link", findings);
      phone.find("#open-conversation").click();
      assertThat(phone.find("#log[data-state=ready]")).isVisible();
      check(phone, look, "patient", findings);
    }
    assertThat(findings).isEmpty();
  }

  /** What is seen less often: questions, faults, and what comes between. */
  @ParameterizedTest
  @MethodSource("looks")
  void isAccessibleInRareStates(Look look) {
    var findings = new ArrayList<String>();
    String patient = conversation();
    try (Visitor doctor = new Visitor(look.screen())) {
      turn(doctor, look);
      doctor.signIn(Person.DOCTOR, "/patients/" + patient);
      assertThat(doctor.find("#log[data-state=ready]")).isVisible();
      doctor.find("#chat-search-open").click();
      doctor.find("#chat-search").fill("tablets");
      assertThat(doctor.find("[data-testid=hit]").first()).isVisible();
      check(doctor, look, "chat-search", findings);

      doctor.open("/patients/" + patient + "#at=IM00000000000000000000000000000000");
      assertThat(doctor.find("#message-missing")).isVisible();
      check(doctor, look, "message-missing", findings);

      doctor.page.route("**/messages", AppearanceTest::refuse);
      doctor.write("refused");
      assertThat(doctor.find("[data-testid=unsent-message][data-state=refused]")).isVisible();
      doctor.page.unroute("**/messages");
      doctor.page.route("**/messages", AppearanceTest::fail);
      doctor.write("failed");
      doctor.write("waits");
      assertThat(doctor.find("[data-testid=unsent-message][data-state=waiting]")).isVisible();
      check(doctor, look, "unsent", findings);
      doctor.open("#webhooks");
      doctor.find("#account").click();
      doctor.find("#sign-out").click();
      assertThat(doctor.find("#sign-out-dialog")).isVisible();
      check(doctor, look, "sign-out-dialog", findings);
      doctor.find("[data-testid=sign-out-cancel]").click();
      doctor.page.unroute("**/messages");

      doctor
          .find("[data-testid=endpoint]")
          .filter(new Locator.FilterOptions().setHasText("demo-receiver"))
          .click();
      assertThat(doctor.find("[data-testid=delivery]").first()).isVisible();
      check(doctor, look, "endpoint", findings);
      doctor.find("[data-testid=delivery]").first().click();
      assertThat(doctor.find("[data-testid=delivery-facts]")).isVisible();
      check(doctor, look, "delivery", findings);
      doctor.open("#webhooks/unknown");
      assertThat(doctor.find("#webhook-unknown")).isVisible();
      check(doctor, look, "webhook-unknown", findings);

      doctor.page.route("**/patients?*", Route::abort);
      doctor.open("");
      Object _ = doctor.page.reload();
      assertThat(doctor.find("#inbox-failed")).isVisible();
      check(doctor, look, "inbox-failed", findings);
      doctor.page.unroute("**/patients?*");
      doctor.page.route("**/session", AppearanceTest::endsSoon);
      Object _ = doctor.page.reload();
      assertThat(doctor.find("#idle-dialog")).isVisible();
      check(doctor, look, "idle-dialog", findings);
      doctor.page.unroute("**/session");
      doctor.find("[data-testid=idle-leave]").click();
      assertThat(doctor.find("#signed-out")).isVisible();
      doctor.page.route("**/session", Route::abort);
      Object _ = doctor.page.reload();
      assertThat(doctor.find("#no-service")).isVisible();
      check(doctor, look, "no-service", findings);
    }
    try (Visitor phone = new Visitor(look.screen())) {
      turn(phone, look);
      Object _ = phone.page.navigate(phone.url("").replace("/test-den/chat2", "/sign-in#used"));
      phone.find("#open-conversation").click();
      assertThat(phone.find("#link-used")).isVisible();
      check(phone, look, "link-used", findings);
    }
    assertThat(findings).isEmpty();
  }

  private static void refuse(Route route) {
    if (route.request().method().equals("POST")) {
      route.fulfill(
          new Route.FulfillOptions()
              .setStatus(413)
              .setContentType("application/problem+json")
              .setBody("{\"status\":413,\"code\":\"payload-too-large\"}"));
    } else {
      route.resume();
    }
  }

  private static void endsSoon(Route route) {
    APIResponse answer = route.fetch();
    route.fulfill(
        new Route.FulfillOptions()
            .setResponse(answer)
            .setBody(answer.text().replaceAll("\"idleSeconds\":\\d+", "\"idleSeconds\":50")));
  }

  /** No language of the page is written from right to left yet. */
  private static void turn(Visitor visitor, Look look) {
    if (look.isRightToLeft()) {
      visitor
          .context()
          .addInitScript(
              "new MutationObserver(() => { if (document.documentElement.dir !== 'rtl')"
                  + " document.documentElement.dir = 'rtl'; })"
                  + ".observe(document, {childList: true, subtree: true, attributes: true});");
    }
  }

  private static void fail(Route route) {
    if (route.request().method().equals("POST")) {
      route.abort();
    } else {
      route.resume();
    }
  }

  private static void check(Visitor visitor, Look look, String state, List<String> findings) {
    visitor.picture(look.name() + "-" + state);
    visitor.accessibilityFindings().forEach(finding -> findings.add(state + ": " + finding));
    double excess =
        ((Number)
                visitor.page.evaluate(
                    "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"))
            .doubleValue();
    if (excess > 0) {
      findings.add(state + ": wider than the screen by " + excess + " px");
    }
    double below =
        ((Number)
                visitor.page.evaluate(
                    "() => document.documentElement.scrollHeight - document.documentElement.clientHeight"))
            .doubleValue();
    // On a small screen the page itself is scrolled.
    if (below > 0 && look.screen().height() > 600) {
      findings.add(state + ": there are " + below + " px below the page");
    }
  }
}
