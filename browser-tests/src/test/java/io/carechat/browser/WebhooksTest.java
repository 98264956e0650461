package io.carechat.browser;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;

import com.microsoft.playwright.Locator;
import io.carechat.browser.Visitor.Person;
import org.junit.jupiter.api.Test;

/** Webhooks, for those who may see them. */
final class WebhooksTest {
  @Test
  void showEndpointsDeliveriesAndAttemptsAndDeliverAgain() {
    try (Visitor doctor = new Visitor()) {
      doctor.signIn(Person.DOCTOR);
      doctor.find("[data-testid=nav-webhooks]").click();
      assertThat(doctor.find("[data-testid=endpoint]").first()).isVisible();
      // The demonstration has an endpoint with a delivery that has failed for good.
      doctor
          .find("[data-testid=endpoint]")
          .filter(new Locator.FilterOptions().setHasText("demo-receiver"))
          .click();
      assertThat(doctor.find("[data-testid=endpoint-facts]")).isVisible();
      doctor.find("#delivery-state").selectOption("DEAD");
      doctor.find("[data-testid=delivery]").first().click();
      assertThat(doctor.find("[data-testid=attempt]")).hasCount(1);
      assertThat(doctor.find("[data-testid=attempt]")).containsText("503");
      doctor.find("#redeliver").click();
      assertThat(doctor.find("[data-testid=redeliver-outcome]")).not().isEmpty();
      InboxTest.await(() -> {
        doctor.find("[data-testid=refresh]").click();
        doctor.page.waitForTimeout(200);
        return doctor.find("[data-testid=attempt]").count() == 2;
      });
    }
  }

  @Test
  void areNotForEverybody() {
    try (Visitor nurse = new Visitor()) {
      nurse.signIn(Person.NURSE);
      assertThat(nurse.find("[data-testid=chat-row]").first()).isVisible();
      assertThat(nurse.find("[data-testid=nav-webhooks]")).hasCount(0);
      nurse.open("#webhooks");
      assertThat(nurse.find("#webhooks-forbidden")).isVisible();
    }
  }
}
