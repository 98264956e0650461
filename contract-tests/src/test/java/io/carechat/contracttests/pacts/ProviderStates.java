package io.carechat.contracttests.pacts;

/**
 * The provider states that a pact with us may name, with their parameters. Every parameter is
 * optional.
 *
 * <p>The patient identifies the chat. So that a pact's interactions do not see each other's
 * messages, a state without {@code patientId} uses a new patient, and returns its id. Each state
 * returns values for a pact's generators (the matcher <i>from provider state</i>). These are always
 * {@code tenantName}, {@code instanceName} and {@code patientId}, and the values that are named
 * below.
 *
 * <p>Credentials in a pact are examples. When a pact is verified, the value of {@code X-API-KEY} or
 * after {@code Bearer} is replaced. By default, the new credential has every scope, for the tenant
 * and instance in the request's path. If it is a token, it is for the patient in the path. A
 * request without a credential is sent without one.
 */
final class ProviderStates {
  /** A patient who has no message. Parameters: {@code patientId}. */
  static final String NO_CHAT = "no chat";

  /**
   * A chat with messages from the patient. Each message is {@code text} and a number. The numbers
   * count from 1, and the newest message has the highest.
   *
   * <p>Parameters: {@code patientId}; {@code count}, by default 3; {@code text}, by default {@code
   * "Hello from API client: "}. Returns {@code externalId} of the newest message; {@code
   * olderToken}, a page token of size 2 to the messages before the second newest; and {@code
   * after}, the position in the event log before the first message.
   */
  static final String CHAT = "a chat with messages";

  /**
   * The same as {@link #CHAT}, and one side has read up to the newest message.
   *
   * <p>Parameters: those of {@link #CHAT}; {@code clientType}, the side that has read, by default
   * {@code CARE_TEAM}. Returns what {@link #CHAT} returns.
   */
  static final String READ = "a chat that was read";

  /**
   * A message was sent with an {@code Idempotency-Key}.
   *
   * <p>Parameters: {@code patientId}; {@code key}, by default a new one; {@code message}, by
   * default {@code "hello, world!"}. Returns {@code key} and {@code externalId}.
   */
  static final String KEY_USED = "a message with an idempotency key";

  /**
   * Something has happened, and is delivered to a webhook. This is for pacts of messages. Their
   * metadata are the headers.
   *
   * <p>Parameters: {@code patientId}; {@code message}, by default {@code "hello, world!"}; {@code
   * payload}, by default the form that {@link MessageForm} finds in the body; {@code event}, which
   * is {@code message.sent} (the default), {@code chat.read} (read by the care team) or {@code
   * webhook.ping}; {@code clientType} of the sender, by default {@code PATIENT}.
   */
  static final String TO_DELIVER = "a message for a webhook";

  /**
   * An endpoint for webhooks, whose receiver answers 204.
   *
   * <p>Parameters: {@code patientId}; {@code payload}, by default {@code STANDARD}; {@code
   * enabled}, by default {@code true}. Returns {@code webhookId}.
   */
  static final String WEBHOOK = "a webhook endpoint";

  /**
   * A new endpoint, and a message that was delivered to it or not.
   *
   * <p>Parameters: {@code patientId}; {@code message}, by default {@code "hello, world!"}; {@code
   * payload}, by default {@code STANDARD}; {@code state}, which is {@code DELIVERED} (the default),
   * {@code DEAD} (the last attempt was answered 503) or {@code PENDING} (the endpoint is disabled).
   * Returns {@code webhookId}, {@code deliveryId} and {@code externalId}.
   */
  static final String DELIVERY = "a webhook delivery";

  /** The request's credential has expired. */
  static final String EXPIRED_CREDENTIAL = "an expired credential";

  /** The request's token is that of another patient, or its API key is that of another instance. */
  static final String CREDENTIAL_OF_ANOTHER = "a credential of another patient";

  /**
   * The request's credential lacks a scope.
   *
   * <p>Parameters: {@code scope}, by default {@code messages:send}.
   */
  static final String CREDENTIAL_WITHOUT_SCOPE = "a credential without a scope";

  private ProviderStates() {}
}
