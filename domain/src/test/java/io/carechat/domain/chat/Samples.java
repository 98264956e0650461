package io.carechat.domain.chat;

import io.carechat.domain.access.Caller;
import io.carechat.domain.access.Scope;
import io.carechat.domain.messages.IdempotencyKey;
import io.carechat.domain.messages.MessageLog;
import io.carechat.domain.messages.NewMessage;
import io.carechat.domain.search.query.SearchFilter;
import io.carechat.domain.webhooks.delivery.DeliveryQueries;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Values for tests. */
public final class Samples {
  /** When the first message of the source document was sent. */
  public static final Instant NOON = Instant.parse("2021-02-08T17:17:29.000Z");

  /** Every message passes it. */
  public static final SearchFilter ALL_MESSAGES = new SearchFilter(null, null, null);

  /** Every delivery passes it. */
  public static final DeliveryQueries.Filter ALL_DELIVERIES =
      new DeliveryQueries.Filter(null, null, null, null);

  public static final TenantInstance THIS_INSTANCE = new TenantInstance("test-den", "chat2");
  public static final TenantInstance OTHER_INSTANCE = new TenantInstance("test-den", "chat3");
  public static final TenantInstance OTHER_TENANT = new TenantInstance("other-den", "chat2");

  private static final UUID NURSE = UUID.fromString("0b9c2f64-7d0e-4f0c-9d3a-5a1c8f1f2b10");
  // The seed is fixed, so that random values are the same in every run. Safe for many threads.
  private static final Random RANDOM = new Random(1);
  private static final TimeOrderedIds IDS = new TimeOrderedIds(InstantSource.system(), RANDOM);

  private Samples() {}

  /** A UUID of version 4 that no other test has. */
  public static UUID newUuid() {
    long high = (RANDOM.nextLong() & ~0xF000L) | 0x4000L;
    return new UUID(high, (RANDOM.nextLong() >>> 2) | 0x8000_0000_0000_0000L);
  }

  /** Bytes that no other test has. */
  public static byte[] newBytes(int count) {
    byte[] bytes = new byte[count];
    RANDOM.nextBytes(bytes);
    return bytes;
  }

  /** A chat that no other test has. */
  public static ChatId newChat() {
    return chatIn(THIS_INSTANCE);
  }

  /** An instance that no other test has. */
  public static TenantInstance newInstance() {
    return new TenantInstance("test-den", "chat-" + newUuid());
  }

  /**
   * The instance of the same name of another tenant, another instance of the same tenant, and
   * instances and tenants whose names are longer or shorter by one character.
   */
  public static List<TenantInstance> strangersTo(TenantInstance tenantInstance) {
    String tenant = tenantInstance.tenantName();
    String instance = tenantInstance.instanceName();
    return List.of(
        new TenantInstance("other-den", instance),
        new TenantInstance(tenant, "chat3"),
        new TenantInstance(tenant, instance + "x"),
        new TenantInstance(tenant, instance.substring(0, instance.length() - 1)),
        new TenantInstance(tenant + "x", instance));
  }

  /** A chat of an instance that no other test has. */
  public static ChatId chatIn(TenantInstance tenantInstance) {
    return new ChatId(tenantInstance, new PatientId(newUuid()));
  }

  /** The patient of a chat, who may read and send. */
  public static Caller.PatientUser newPatient(ChatId chat) {
    return new Caller.PatientUser(
        "user:" + newUuid(),
        chat.instance(),
        Set.of(Scope.READ_MESSAGES, Scope.SEND_MESSAGES),
        chat.patient());
  }

  /** A message of a member of the care team, without a key. */
  public static NewMessage answer(ChatId chat, String text) {
    return new NewMessage(
        chat,
        new ExternalId(IDS.next()),
        new Sender.CareTeamMember(NURSE, "Nurse"),
        new MessageText(text),
        null);
  }

  /**
   * The chat of the same patient in another instance, the one in another tenant, and the chat of
   * another patient in the same instance.
   */
  public static List<ChatId> strangersTo(ChatId chat) {
    return List.of(
        new ChatId(OTHER_INSTANCE, chat.patient()),
        new ChatId(OTHER_TENANT, chat.patient()),
        chatIn(chat.instance()));
  }

  /** A message of the patient without a key. */
  public static NewMessage message(ChatId chat, String text) {
    return message(chat, text, null);
  }

  /** A message of the patient. */
  public static NewMessage message(ChatId chat, String text, @Nullable String key) {
    return new NewMessage(
        chat,
        new ExternalId(IDS.next()),
        new Sender.Patient(chat.patient()),
        new MessageText(text),
        key == null ? null : new IdempotencyKey(key));
  }

  /** Appends, and gives what was stored. */
  public static Message stored(MessageLog log, NewMessage message) {
    return switch (log.append(message)) {
      case MessageLog.Appended.Stored(Message stored) -> stored;
      case MessageLog.Appended other -> throw new AssertionError("not stored but " + other);
    };
  }

  /** Appends a message of the patient, and gives what was stored. */
  public static Message stored(MessageLog log, ChatId chat, String text) {
    return stored(log, message(chat, text));
  }
}
