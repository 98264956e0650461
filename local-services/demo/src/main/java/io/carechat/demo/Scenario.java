package io.carechat.demo;

import io.carechat.domain.chat.PatientId;
import java.util.Arrays;
import java.util.Optional;

/**
 * What partners can provoke, to see how their own program copes with it. {@code docs/sandbox.md}
 * describes each scenario for partners.
 */
enum Scenario {
  /**
   * Of every three sends, the first two are answered 503. The same goes for every three finds or
   * gets.
   */
  UNAVAILABLE("00000000-0000-4000-8000-000000000503"),
  /**
   * A message is stored, but the answer is a 503. A retry with the same key returns the message.
   */
  LOST_ANSWER("00000000-0000-4000-8000-000000000504"),
  /** Sends, finds and gets take as long as {@link Sandbox#SLOWNESS}. */
  SLOW("00000000-0000-4000-8000-000000000408"),
  /** The search engine is unavailable for searches. */
  SEARCH_ENGINE_AWAY("00000000-0000-4000-8000-000000000506"),
  /** The search engine is unavailable for a search of all chats for this word. */
  INSTANCE_SEARCH_AWAY("unavailable503"),
  /** The receiver fails the first two attempts of each webhook. */
  WEBHOOK_RETRIES("00000000-0000-4000-8000-000000000502"),
  /** An endpoint answers 410, and is disabled. */
  WEBHOOK_GONE("00000000-0000-4000-8000-000000000410"),
  /** The delivery history of the receiver begins with a dead delivery. */
  DEAD_DELIVERY("demo-receiver"),
  /** A credential may make five requests in ten seconds. */
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
   * The patient, query or webhook that provokes the scenario. If it begins with {@code $}, it is a
   * variable of {@code demo.env}.
   */
  String trigger() {
    return trigger;
  }

  /** Whether this patient provokes the scenario. */
  boolean isOf(PatientId patient) {
    return patient.toString().equals(trigger);
  }

  /** The scenario that a patient provokes; empty for all other patients. */
  static Optional<Scenario> of(PatientId patient) {
    return Arrays.stream(values()).filter(scenario -> scenario.isOf(patient)).findFirst();
  }
}
