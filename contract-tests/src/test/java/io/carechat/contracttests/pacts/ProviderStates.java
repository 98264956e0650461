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
   * API client: "} if missing. Gives back {@code externalId} of the newest message; {@code
   * olderToken}, a page token of size 2 to what is older than the newest but one; and {@code
   * after}, the place in the log of events before the first of them.
   */
  static final String CHAT = "a chat with messages";

  /**
   * As {@link #CHAT}, and one side has read up to the newest message.
   *
   * <p>Parameters: those of {@link #CHAT}; {@code clientType}, which side, {@code CARE_TEAM} if
   * missing. Gives back what {@link #CHAT} does.
   */
  static final String READ = "a chat that was read";

  /**
   * A message was sent with an {@code Idempotency-Key}.
   *
   * <p>Parameters: {@code patientId}; {@code key}, a new one if missing; {@code message}, {@code
   * "hello, world!"} if missing. Gives back {@code key} and {@code externalId}.
   */
  static final String KEY_USED = "a message with an idempotency key";

  /**
   * Something has happened, and is delivered to a webhook. For pacts of messages, whose metadata
   * are the headers.
   *
   * <p>Parameters: {@code patientId}; {@code message}, {@code "hello, world!"} if missing; {@code
   * payload}, if missing what {@link MessageForm} makes of the body; {@code event}: {@code
   * message.sent}, which is meant if it is missing, {@code chat.read}, by the care team, or {@code
   * webhook.ping}; {@code clientType} of who sent, {@code PATIENT} if missing.
   */
  static final String TO_DELIVER = "a message for a webhook";

  /**
   * An endpoint for webhooks, whose receiver answers 204.
   *
   * <p>Parameters: {@code patientId}; {@code payload}, {@code STANDARD} if missing; {@code
   * enabled}, {@code true} if missing. Gives back {@code webhookId}.
   */
  static final String WEBHOOK = "a webhook endpoint";

  /**
   * An endpoint of its own, and a message that was delivered to it, or was not.
   *
   * <p>Parameters: {@code patientId}; {@code message}, {@code "hello, world!"} if missing; {@code
   * payload}, {@code STANDARD} if missing; {@code state}: {@code DELIVERED}, which is meant if it
   * is missing, {@code DEAD}, after the last try was answered 503, or {@code PENDING}, to an
   * endpoint that is disabled. Gives back {@code webhookId}, {@code deliveryId} and {@code
   * externalId}.
   */
  static final String DELIVERY = "a webhook delivery";

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
