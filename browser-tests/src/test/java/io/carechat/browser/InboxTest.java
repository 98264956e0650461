package io.carechat.browser;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Locator;
import io.carechat.browser.Visitor.Person;
import org.junit.jupiter.api.Test;

/** The care team's inbox. */
final class InboxTest {
  private final ChatApi api = new ChatApi();

  private static Locator row(Visitor visitor, String patient) {
    return visitor.find("[data-testid=chat-row][data-patient=\"" + patient + "\"]");
  }

  @Test
  void hasTheChatWithTheNewestMessageFirstAsItHappens() {
    String first = ChatApi.newPatient();
    String second = ChatApi.newPatient();
    String _ = api.sendAsPatient(first, "I was here first");
    String _ = api.sendAsPatient(second, "and I second");
    try (Visitor nurse = new Visitor()) {
      nurse.signIn(Person.NURSE);
      Locator top = nurse.find("[data-testid=chat-row]").first();
      assertThat(top).containsText("and I second");
      String _ = api.sendAsPatient(first, "me again");
      assertThat(top).containsText("me again");
      assertThat(row(nurse, first)).containsText("me again");
      assertThat(row(nurse, first).locator("[data-testid=unread-count]")).containsText("2");
    }
  }

  @Test
  void canShowOnlyWhatIsUnread() {
    String read = ChatApi.newPatient();
    String unread = ChatApi.newPatient();
    String _ = api.sendAsPatient(unread, "nobody has read this");
    String _ = api.sendAsPatient(read, "this will be read");
    try (Visitor nurse = new Visitor()) {
      nurse.signIn(Person.NURSE, "/patients/" + read);
      assertThat(nurse.messages("this will be read")).isVisible();
      await(() -> api.unreadByCareTeam(read) == 0);
      nurse.open("");
      assertThat(row(nurse, read)).isVisible();
      nurse.find("#unread-only").check();
      assertThat(row(nurse, unread)).isVisible();
      assertThat(row(nurse, read)).hasCount(0);
      // It becomes unread while the list is open.
      String _ = api.sendAsPatient(read, "one more");
      assertThat(row(nurse, read)).isVisible();
    }
  }

  @Test
  void canBeUsedByTheKeyboardAlone() {
    String patient = ChatApi.newPatient();
    String _ = api.sendAsPatient(patient, "press a key");
    try (Visitor nurse = new Visitor()) {
      nurse.signIn(Person.NURSE);
      row(nurse, patient).waitFor();
      for (int i = 0; i < 20 && !isInList(nurse); i++) {
        nurse.page.keyboard().press("Tab");
      }
      nurse.page.keyboard().press("End");
      nurse.page.keyboard().press("Home");
      nurse.page.keyboard().press("ArrowDown");
      nurse.page.keyboard().press("ArrowUp");
      nurse.page.keyboard().press("Enter");
      assertThat(nurse.find("#log[data-state=ready]")).isVisible();
      for (int i = 0; i < 20 && !isInComposer(nurse); i++) {
        nurse.page.keyboard().press("Tab");
      }
      nurse.page.keyboard().type("typed only");
      nurse.page.keyboard().press("Enter");
      assertThat(nurse.messages("typed only")).isVisible();
    }
  }

  private static boolean isInList(Visitor visitor) {
    return (boolean)
        visitor.page.evaluate("() => document.activeElement.closest('#chats') !== null");
  }

  private static boolean isInComposer(Visitor visitor) {
    return (boolean) visitor.page.evaluate("() => document.activeElement.id === 'composer-text'");
  }

  @Test
  void searchesAllChats() {
    String patient = ChatApi.newPatient();
    String word = "w" + patient.substring(0, 8).replaceAll("[0-9]", "x");
    String _ = api.sendAsPatient(patient, "about " + word + " of course");
    try (Visitor nurse = new Visitor()) {
      nurse.signIn(Person.NURSE);
      nurse.find("#inbox-search").fill(word);
      Locator hit = nurse.find("[data-testid=hit]");
      assertThat(hit).hasCount(1);
      assertThat(hit.locator("mark")).hasText(word);
      hit.click();
      assertThat(nurse.find(".message.target")).containsText("about " + word);
    }
  }

  /** Two people look at the same inbox and answer the same patient. */
  @Test
  void showsTwoPeopleTheSame() {
    String patient = ChatApi.newPatient();
    String _ = api.sendAsPatient(patient, "can anybody help?");
    try (Visitor nurse = new Visitor();
        Visitor doctor = new Visitor()) {
      nurse.signIn(Person.NURSE, "/patients/" + patient);
      doctor.signIn(Person.DOCTOR, "/patients/" + patient);
      nurse.write("The nurse can.");
      assertThat(doctor.messages("The nurse can.")).isVisible();
      doctor.write("The doctor, too.");
      assertThat(nurse.messages("The doctor, too.")).isVisible();
      assertThat(api.texts(patient))
          .containsExactly("can anybody help?", "The nurse can.", "The doctor, too.");
    }
  }

  static void await(java.util.function.BooleanSupplier condition) {
    long deadline = System.nanoTime() + java.time.Duration.ofSeconds(60).toNanos();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as("in time").isLessThan(deadline);
      java.util.concurrent.locks.LockSupport.parkNanos(50_000_000);
    }
  }
}
