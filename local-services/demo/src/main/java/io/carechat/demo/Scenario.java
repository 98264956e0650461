package io.carechat.demo;

import io.carechat.domain.chat.PatientId;
import java.util.Arrays;
import java.util.Optional;

/**
 * What a partner can provoke, to see that its own program gets along with it. {@code
 * docs/sandbox.md} describes each for partners.
 */
enum Scenario {
  /** Of every three sends, and of every three finds or gets, the first two are answered 503. */
  UNAVAILABLE("00000000-0000-4000-8000-000000000503"),
  /** A message is stored, but the answer is a 503; with the same key again it is the message. */
  LOST_ANSWER("00000000-0000-4000-8000-000000000504"),
  /** Sends, finds and gets take {@link Sandbox#SLOWNESS}. */
  SLOW("00000000-0000-4000-8000-000000000408"),
  /** Searches find the search engine away. */
  SEARCH_ENGINE_AWAY("00000000-0000-4000-8000-000000000506"),
  /** A search of all chats for this word finds the search engine away. */
  INSTANCE_SEARCH_AWAY("unavailable503"),
  /** The receiver fails the first two attempts of each webhook. */
  WEBHOOK_RETRIES("00000000-0000-4000-8000-000000000502"),
  /** An endpoint answers 410, and is disabled. */
  WEBHOOK_GONE("00000000-0000-4000-8000-000000000410"),
  /** The receiver's ledger begins with a delivery that is dead. */
  DEAD_DELIVERY("demo-receiver"),
  /** A credential may ask five times in ten seconds. */
  RATE_LIMIT("$" + Variables.LIMITED_BASE),
  /** An API key that has expired. */
  EXPIRED_KEY("$" + Variables.EXPIRED_API_KEY),
  /** An API key without a scope for sending. */
  READ_ONLY_KEY("$" + Variables.READ_ONLY_API_KEY),
  /** A patient's token that has expired. */
  EXPIRED_TOKEN("$" + Variables.EXPIRED_PATIENT_TOKEN);

  private final String trigger;

  Scenario(String trigger) {
    this.trigger = trigger;
  }

  /**
   * The patient, query or webhook, or with {@code $} the variable of {@code demo.env}, that
   * provokes it.
   */
  String trigger() {
    return trigger;
  }

  /** Whether it is provoked by this patient. */
  boolean isOf(PatientId patient) {
    return patient.toString().equals(trigger);
  }

  /** The scenario of a patient; empty for the others. */
  static Optional<Scenario> of(PatientId patient) {
    return Arrays.stream(values()).filter(scenario -> scenario.isOf(patient)).findFirst();
  }
}
