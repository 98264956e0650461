package io.carechat.browser;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.assertions.LocatorAssertions;
import io.carechat.browser.Visitor.Person;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Reading a conversation. */
final class ConversationTest {
  private static final String MARKUP =
      "<img src=x onerror=alert(1)> <b>bold</b> &amp; <script>alert(2)</script>"
          + " javascript:alert(3) https://example.org/a?b=c&d \u202Eright to left";

  private final ChatApi api = new ChatApi();

  private String chatOf(int messages) {
    String patient = ChatApi.newPatient();
    for (int i = 1; i <= messages; i++) {
      String text = "message number " + i;
      String _ = i % 3 == 0 ? api.sendAsCareTeam(patient, text) : api.sendAsPatient(patient, text);
    }
    return patient;
  }

  @Test
  void saysWhoSaidItAndWhen() {
    String patient = chatOf(3);
    try (Visitor nurse = new Visitor()) {
      nurse.signIn(Person.NURSE, "/patients/" + patient);
      assertThat(nurse.find(".day")).hasCount(1);
      assertThat(nurse.find("[data-sender=CARE_TEAM]")).containsText("Night nurse");
      assertThat(nurse.find("[data-testid=patient-id]")).hasText(patient);
    }
  }

  @Test
  void marksWhatIsNewAndShowsWhatComesAsItComes() {
    String patient = chatOf(2);
    try (Visitor nurse = new Visitor()) {
      nurse.signIn(Person.NURSE, "/patients/" + patient);
      assertThat(nurse.find("#first-new")).isVisible();
      String _ = api.sendAsPatient(patient, "and now this");
      assertThat(nurse.messages("and now this")).isVisible();
    }
  }

  /** What is being read stays where it is, and what comes is offered by a button. */
  @Test
  void doesNotMoveWhatIsBeingRead() {
    String patient = chatOf(80);
    try (Visitor nurse = new Visitor()) {
      nurse.signIn(Person.NURSE, "/patients/" + patient);
      assertThat(nurse.find("#log[data-state=ready]")).isVisible();
      Object _ = nurse.page.evaluate("() => document.getElementById('log').scrollTop = 0");
      Locator beginning = nurse.messages("message number 1").first();
      // Older ones load as long as somebody scrolls up.
      InboxTest.await(() -> {
        Object _ = nurse.page.evaluate("() => document.getElementById('log').scrollTop = 0");
        return beginning.count() > 0;
      });
      Object _ = nurse.page.evaluate("() => document.getElementById('log').scrollTop = 200");
      String anchor = firstInView(nurse);
      double before = top(nurse, anchor);
      String _ = api.sendAsPatient(patient, "something new");
      assertThat(nurse.find("#to-newest")).containsText("1 new message");
      assertThat(Math.abs(top(nurse, anchor) - before)).isLessThan(2);
      nurse.find("#to-newest").click();
      assertThat(nurse.messages("something new")).isInViewport();
    }
  }

  private static String firstInView(Visitor visitor) {
    return visitor
        .page
        .evaluate(
            "() => [...document.querySelectorAll('#log .message')].find(m =>"
                + " m.getBoundingClientRect().top > document.getElementById('log')"
                + ".getBoundingClientRect().top).id")
        .toString();
  }

  private static double top(Visitor visitor, String id) {
    return ((Number)
            visitor.page.evaluate(
                "id => document.getElementById(id).getBoundingClientRect().top", id))
        .doubleValue();
  }

  @Test
  void showsMarkupAsText() {
    String patient = ChatApi.newPatient();
    String _ = api.sendAsPatient(patient, MARKUP);
    try (Visitor nurse = new Visitor()) {
      nurse.page.onDialog(dialog -> {
        throw new AssertionError("a script of the message ran");
      });
      nurse.signIn(Person.NURSE, "/patients/" + patient);
      Locator text = nurse.find("[data-testid=message-text]");
      assertThat(text).hasText(MARKUP);
      assertThat(text.locator("img, b, script")).hasCount(0);
      Locator link = text.locator("a");
      assertThat(link).hasCount(1);
      assertThat(link).hasAttribute("rel", "noopener noreferrer");
      assertThat(nurse.scriptErrors()).isEmpty();
    }
  }

  /** A marker moves when the newest message was really seen, and not before. */
  @Test
  void marksAsReadOnlyWhatWasSeen() {
    String patient = chatOf(60);
    try (Visitor nurse = new Visitor()) {
      nurse.signIn(Person.NURSE, "/patients/" + patient);
      assertThat(nurse.find("#log[data-state=ready]")).isVisible();
      InboxTest.await(() -> {
        Object _ =
            nurse.page.evaluate(
                "() => { const log = document.getElementById('log'); log.scrollTop = log.scrollHeight; }");
        return api.unreadByCareTeam(patient) == 0;
      });
      Object _ = nurse.page.evaluate("() => document.getElementById('log').scrollTop = 0");
      String _ = api.sendAsPatient(patient, "below the edge");
      assertThat(nurse.find("#to-newest")).containsText("1 new message");
      assertThat(api.unreadByCareTeam(patient)).isEqualTo(1);
      nurse.find("#to-newest").click();
      InboxTest.await(() -> api.unreadByCareTeam(patient) == 0);
    }
  }

  @Test
  void findsWordsAndOpensTheirSurroundings() {
    String patient = chatOf(120);
    try (Visitor nurse = new Visitor()) {
      nurse.signIn(Person.NURSE, "/patients/" + patient);
      nurse.find("#chat-search-open").click();
      nurse.find("#chat-search").fill("number 40");
      nurse
          .find("[data-testid=hit]")
          .filter(new Locator.FilterOptions().setHasText("number 40"))
          .first()
          .click();
      assertThat(nurse.find(".message.target")).isInViewport();
      assertThat(nurse.find(".message.target")).containsText("message number 40");
      assertThat(nurse.messages("message number 39").first()).isVisible();
      assertThat(nurse.messages("message number 41").first()).isVisible();
      InboxTest.await(() -> {
        Object _ = nurse.page.evaluate("() => document.getElementById('log').scrollTop = 0");
        return nurse.messages("message number 3").count() > 0;
      });
      InboxTest.await(() -> {
        Object _ =
            nurse.page.evaluate(
                "() => { const log = document.getElementById('log'); log.scrollTop = log.scrollHeight; }");
        return nurse.messages("message number 120").count() > 0;
      });
      assertThat(nurse.scriptErrors()).isEmpty();
    }
  }

  /** Rows that nobody sent by the API, so that there are enough of them. */
  @Test
  void opensAChatOfAMillionMessages() throws Exception {
    String patient = ChatApi.newPatient();
    String _ = api.sendAsPatient(patient, "the newest of a million");
    try (Connection database = RunningDemo.get().database();
        PreparedStatement fill =
            database.prepareStatement(
                "insert into carechat.message (tenant_name, instance_name, patient_id, created_at,"
                    + " external_id, sender_id, sender_type, text)"
                    + " select tenant_name, instance_name, patient_id,"
                    + " last_created_at - n * interval '1 minute', gen_random_uuid(), patient_id,"
                    + " 'PATIENT', 'message ' || n || ' before the newest'"
                    + " from carechat.chat, generate_series(1, 1000000) n"
                    + " where patient_id = ?::uuid")) {
      fill.setString(1, patient);
      assertThat(fill.executeUpdate()).isEqualTo(1_000_000);
    }
    try (Visitor nurse = new Visitor()) {
      nurse.signIn(Person.NURSE, "/patients/" + patient);
      assertThat(nurse.find("#log[data-state=ready]")).isVisible();
      InboxTest.await(() -> {
        Object _ = nurse.page.evaluate("() => document.getElementById('log').scrollTop = 0");
        return nurse.find("[data-testid=message]").count() > 300;
      });
      nurse.find("#to-newest").click();
      assertThat(nurse.messages("the newest of a million")).isInViewport();
      assertThat(nurse.scriptErrors()).isEmpty();
    } finally {
      try (Connection database = RunningDemo.get().database();
          PreparedStatement delete =
              database.prepareStatement(
                  "delete from carechat.message where patient_id = ?::uuid and text like 'message %'")) {
        delete.setString(1, patient);
        int _ = delete.executeUpdate();
      }
    }
  }

  @Test
  void speaksGerman() {
    String patient = chatOf(1);
    try (Visitor nurse = new Visitor(Visitor.Screen.DESK.in("de-DE"))) {
      nurse.signIn(Person.NURSE, "/patients/" + patient);
      assertThat(nurse.page.locator("html")).hasAttribute("lang", "de");
      assertThat(nurse.find("#inbox-title"))
          .not()
          .hasText("Inbox", new LocatorAssertions.HasTextOptions().setTimeout(5_000));
      assertThat(List.of("Posteingang", "Eingang"))
          .contains(nurse.find("#inbox-title").innerText());
    }
  }
}
