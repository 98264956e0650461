package io.carechat.contracttests.pacts;

/**
 * The provider states that a pact with us may name, with their parameters. Every parameter may be
 * missing.
 *
 * <p>Chats are told apart by their patient, so that a pact's interactions do not see each other's
 * messages: a state without {@code patientId} is about a new patient, whose id it gives back. Each
 * state gives back values for a pact's generators (the matcher <i>from provider state</i>): always
 * {@code tenantName}, {@code instanceName} and {@code patientId}, beside what is said below.
 *
 * <p>Credentials in a pact are examples. When a pact is verified, whatever stands in {@code
 * X-API-KEY} or after {@code Bearer} is replaced: by default with a credential that has every
 * scope, for the tenant, instance and, as a token, patient of the request's path. A request without
 * a credential is sent without one.
 */
final class ProviderStates {
  /** A patient who has no message. Parameters: {@code patientId}. */
  static final String NO_CHAT = "no chat";

  /**
   * A chat with messages of the patient, {@code text} and a number that counts from 1, the newest
   * with the highest.
   *
   * <p>Parameters: {@code patientId}; {@code count}, 3 if missing; {@code text}, {@code "Hello from
   * API client: "} if missing. Gives back {@code externalId} of the newest message, and {@code
   * olderToken}, a page token of size 2 to what is older than the newest but one.
   */
  static final String CHAT = "a chat with messages";

  /**
   * A message was sent with an {@code Idempotency-Key}.
   *
   * <p>Parameters: {@code patientId}; {@code key}, a new one if missing; {@code message}, {@code
   * "hello, world!"} if missing. Gives back {@code key} and {@code externalId}.
   */
  static final String KEY_USED = "a message with an idempotency key";

  /**
   * A message has been stored, and is delivered to a webhook. For pacts of messages, whose metadata
   * are the headers.
   *
   * <p>Parameters: {@code patientId}; {@code message}, {@code "hello, world!"} if missing.
   */
  static final String TO_DELIVER = "a message for a webhook";

  /** The request's credential has expired. */
  static final String EXPIRED_CREDENTIAL = "an expired credential";

  /** The request's credential is one of another patient; an API key, one of another instance. */
  static final String CREDENTIAL_OF_ANOTHER = "a credential of another patient";

  /**
   * The request's credential lacks a scope.
   *
   * <p>Parameters: {@code scope}, {@code messages:send} if missing.
   */
  static final String CREDENTIAL_WITHOUT_SCOPE = "a credential without a scope";

  private ProviderStates() {}
}
