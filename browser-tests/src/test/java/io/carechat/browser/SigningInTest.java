package io.carechat.browser;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.APIRequestContext;
import com.microsoft.playwright.APIResponse;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Route;
import com.microsoft.playwright.options.RequestOptions;
import io.carechat.browser.Visitor.Person;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Who gets in, and who does not. */
final class SigningInTest {
  private final ChatApi api = new ChatApi();

  @Test
  void aNewcomerIsInAConversationWithinTwoClicks() {
    try (Visitor nurse = new Visitor()) {
      nurse.open("");
      nurse.find("button[value=nurse]").click();
      nurse.find("[data-testid=chat-row]").first().click();
      assertThat(nurse.find("#log[data-state=ready] [data-testid=message]").first()).isVisible();
      assertThat(nurse.find("#composer-text")).isVisible();
      assertThat(nurse.scriptErrors()).isEmpty();
    }
  }

  /** The page must not say which patients there are. */
  @Test
  void thePatientsAddressAnswersAlikeForAnybody() {
    String known = ChatApi.newPatient();
    String _ = api.sendAsPatient(known, "hello");
    try (Visitor stranger = new Visitor()) {
      APIRequestContext requests = stranger.context().request();
      APIResponse one = requests.get(stranger.url("/patients/" + known));
      APIResponse other = requests.get(stranger.url("/patients/" + ChatApi.newPatient()));
      assertThat(one.status()).isEqualTo(200);
      assertThat(one.text()).isEqualTo(other.text());
      stranger.open("/patients/" + known);
      assertThat(stranger.find("#signed-out")).isVisible();
      assertThat(stranger.find("[data-testid=message]")).hasCount(0);
    }
  }

  @Test
  void aLinkSignsItsPatientInOnce() {
    String patient = ChatApi.newPatient();
    String _ = api.sendAsCareTeam(patient, "Your results are here.");
    String link = api.signInLink(patient);
    try (Visitor phone = new Visitor(Visitor.Screen.PHONE);
        Visitor thief = new Visitor()) {
      Object _ = phone.page.navigate(link);
      assertThat(phone.find("#open-conversation")).isVisible();
      // Programs that look at mail open links. That alone does not use them up.
      Object _ = thief.page.navigate(link);
      phone.find("#open-conversation").click();
      assertThat(phone.messages("Your results are here.")).isVisible();
      thief.find("#open-conversation").click();
      assertThat(thief.find("#link-used")).isVisible();
    }
  }

  @Test
  void aPatientSeesNoOtherChat() {
    String patient = ChatApi.newPatient();
    String other = ChatApi.newPatient();
    String _ = api.sendAsPatient(other, "nobody else's business");
    try (Visitor phone = new Visitor()) {
      Object _ = phone.page.navigate(api.signInLink(patient));
      phone.find("#open-conversation").click();
      assertThat(phone.find("#conversation-empty")).isVisible();
      phone.open("/patients/" + other);
      assertThat(phone.find("#wrong-place")).isVisible();
      phone.open("");
      assertThat(phone.find("#conversation")).isVisible();
      assertThat(phone.messages("nobody else's business")).hasCount(0);
      assertThat(status(phone, "GET", "/patients/" + other + "/messages", Map.of())).isEqualTo(403);
      assertThat(status(phone, "GET", "/patients", Map.of())).isEqualTo(403);
    }
  }

  @Test
  void aSessionChangesNothingWithoutItsToken() {
    String patient = ChatApi.newPatient();
    try (Visitor nurse = new Visitor()) {
      nurse.signIn(Person.NURSE);
      String path = "/patients/" + patient + "/messages";
      assertThat(status(nurse, "POST", path, Map.of())).isEqualTo(403);
      assertThat(status(nurse, "POST", path, Map.of("X-CSRF-Token", "guessed"))).isEqualTo(403);
      assertThat(status(nurse, "GET", "/patients", Map.of("Sec-Fetch-Site", "cross-site")))
          .isEqualTo(403);
      assertThat(api.texts(patient)).isEmpty();
    }
  }

  /** Asks as a script of another page or another program would that has the cookie. */
  private static int status(
      Visitor visitor, String method, String path, Map<String, String> headers) {
    RequestOptions options = RequestOptions.create().setMethod(method);
    headers.forEach(options::setHeader);
    if (method.equals("POST")) {
      options.setHeader("Content-Type", "application/json").setData("{\"message\":\"forged\"}");
    }
    String base = RunningDemo.get().variable("CARECHAT_BASE");
    return visitor.context().request().fetch(base + path, options).status();
  }

  @Test
  void aStolenCookieIsWorthNothingAfterTheSignOut() {
    try (Visitor nurse = new Visitor();
        Visitor thief = new Visitor()) {
      nurse.signIn(Person.NURSE);
      assertThat(nurse.context().cookies())
          .singleElement()
          .satisfies(cookie -> {
            assertThat(cookie.name).startsWith("__Host-");
            assertThat(cookie.httpOnly).isTrue();
            assertThat(cookie.secure).isTrue();
          });
      Visitor _ = thief.withSessionOf(nurse);
      assertThat(status(thief, "GET", "/patients", Map.of())).isEqualTo(200);
      nurse.find("#account").click();
      nurse.find("#sign-out").click();
      assertThat(nurse.find("#signed-out")).isVisible();
      assertThat(status(thief, "GET", "/patients", Map.of())).isEqualTo(401);
    }
  }

  @Test
  void signingOutAsksBeforeItDeletesWhatIsNotSent() {
    String patient = ChatApi.newPatient();
    String _ = api.sendAsPatient(patient, "hello");
    try (Visitor nurse = new Visitor()) {
      nurse.signIn(Person.NURSE, "/patients/" + patient);
      nurse.find("#composer-text").fill("only a draft");
      nurse.find("#composer-text").blur();
      nurse.find("#account").click();
      nurse.find("#sign-out").click();
      nurse.find("[data-testid=sign-out-confirm]").click();
      assertThat(nurse.find("#signed-out")).isVisible();
      assertThat(nurse.page.evaluate("() => JSON.stringify({...localStorage})").toString())
          .doesNotContain("only a draft");
    }
  }

  /**
   * Whoever has signed out stays so, and whoever comes back without a session is not sent on again.
   */
  @Test
  void isSentToSignInOnce() {
    try (Visitor nurse = new Visitor()) {
      nurse.signIn(Person.NURSE);
      nurse.find("#account").click();
      nurse.find("#sign-out").click();
      assertThat(nurse.find("#signed-out")).isVisible();
      // Also after another load, and in another tab.
      Object _ = nurse.page.reload();
      assertThat(nurse.find("#signed-out")).isVisible();
      Page tab = nurse.newTab();
      Object _ = tab.navigate(nurse.url(""));
      assertThat(tab.locator("#signed-out")).isVisible();
    }
    try (Visitor stranger = new Visitor()) {
      stranger.open("");
      assertThat(stranger.find("button[value=nurse]")).isVisible();
      stranger.open("");
      assertThat(stranger.find("#signed-out")).isVisible();
    }
  }

  /** As after a quarter of an hour: the service says that the session is about to end. */
  @Test
  void warnsBeforeAnIdleSessionEnds() {
    try (Visitor nurse = new Visitor()) {
      nurse.signIn(Person.NURSE);
      nurse.page.route(
          "**/session",
          route -> {
            APIResponse answer = route.fetch();
            route.fulfill(
                new Route.FulfillOptions()
                    .setResponse(answer)
                    .setBody(
                        answer.text().replaceAll("\"idleSeconds\":\\d+", "\"idleSeconds\":50")));
          });
      Object _ = nurse.page.reload();
      assertThat(nurse.find("#idle-dialog")).isVisible();
      assertThat(nurse.find("#stay")).isFocused();
      nurse.find("#stay").click();
      assertThat(nurse.find("#idle-dialog")).hasCount(0);
    }
  }

  @Test
  void nothingComesFromAnotherHost() {
    try (Visitor nurse = new Visitor()) {
      List<String> hosts = new java.util.ArrayList<>();
      nurse.signIn(Person.NURSE);
      Page page = nurse.page;
      page.onRequest(request -> hosts.add(java.net.URI.create(request.url()).getAuthority()));
      Object _ = page.reload();
      assertThat(nurse.find("[data-testid=chat-row]").first()).isVisible();
      String own = java.net.URI.create(nurse.url("")).getAuthority();
      assertThat(hosts).isNotEmpty().allMatch(own::equals);
    }
  }
}
