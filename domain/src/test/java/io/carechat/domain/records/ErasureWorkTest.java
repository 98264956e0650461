package io.carechat.domain.records;

import static io.carechat.domain.chat.Samples.newChat;
import static io.carechat.domain.chat.Samples.stored;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.carechat.domain.chat.ChatId;
import io.carechat.domain.chat.ManualClock;
import io.carechat.domain.chat.Samples;
import io.carechat.domain.chat.Unavailable;
import io.carechat.domain.events.LogPosition;
import io.carechat.domain.evidence.SigningKey;
import io.carechat.domain.messages.InMemoryMessageLog;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

final class ErasureWorkTest {
  private static final Duration SETTLING = Duration.ofSeconds(35);

  private final ManualClock clock = new ManualClock(Samples.NOON);
  private final InMemoryMessageLog log = new InMemoryMessageLog(clock);
  private final InMemoryRecords records = new InMemoryRecords(log);
  private final List<ChatId> removed = new ArrayList<>();
  private final List<ChatId> forgotten = new ArrayList<>();
  private final ChatId chat = newChat();
  private final KeyPair keys;
  private LogPosition indexed = new LogPosition(1_000, 0);
  private boolean available = true;
  private boolean purged = true;
  private final ErasureWork work;

  ErasureWorkTest() throws GeneralSecurityException {
    keys = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
    work =
        new ErasureWork(
            records,
            new ErasedDocuments() {
              @Override
              public long remove(ChatId of, Instant through) {
                if (!available) {
                  throw new Unavailable("the test wants it", Duration.ofSeconds(1));
                }
                removed.add(of);
                return 1;
              }

              @Override
              public boolean purge() {
                return purged;
              }
            },
            () -> indexed,
            forgotten::add,
            new TestKey(keys),
            clock,
            SETTLING,
            Duration.ofDays(35));
  }

  private record TestKey(KeyPair keys) implements SigningKey {
    @Override
    public String keyId() {
      return "test-key";
    }

    @Override
    public byte[] sign(byte[] message) {
      try {
        Signature signature = Signature.getInstance("Ed25519");
        signature.initSign(keys.getPrivate());
        signature.update(message);
        return signature.sign();
      } catch (GeneralSecurityException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  private ErasureId erase() {
    stored(log, chat, "text");
    var request =
        new Erasures.Request(
            new ErasureId(Samples.newUuid()),
            chat,
            ErasureReason.OBJECTION,
            "partner",
            clock.instant(),
            null);
    return ((Erasures.Requested.Accepted) records.request(request)).erasure().id();
  }

  private Erasure current(ErasureId id) {
    return records.find(chat, id).orElseThrow();
  }

  @Test
  void signsAReceiptOnceEverythingIsGone() throws Exception {
    ErasureId id = erase();
    assertThat(work.step()).isEqualTo(1);
    assertThat(forgotten).containsExactly(chat);
    assertThat(removed).isEmpty();
    clock.move(SETTLING);
    assertThat(work.step()).isZero();

    assertThat(removed).containsExactly(chat);
    Erasure done = current(id);
    assertThat(done.state()).isEqualTo(Erasure.State.DONE);
    String[] parts = Objects.requireNonNull(done.receipt()).split("\\.");
    assertThat(parts).hasSize(3);
    assertThat(text(parts[0])).isEqualTo("{\"alg\":\"EdDSA\",\"kid\":\"test-key\"}");
    assertThat(text(parts[1]))
        .isEqualTo(
            "{\"type\":\"carechat-erasure-receipt-1\",\"erasureId\":\""
                + id
                + "\",\"tenantName\":\"test-den\",\"instanceName\":\"chat2\",\"patientId\":\""
                + chat.patient()
                + "\",\"reason\":\"OBJECTION\",\"requestedAt\":\"2021-02-08T17:17:29.000Z\","
                + "\"through\":\"2021-02-08T17:17:29.000Z\","
                + "\"database\":{\"goneSince\":\"2021-02-08T17:17:29.000Z\",\"messages\":1,"
                + "\"events\":1,\"readMarkers\":0,\"sessions\":0},"
                + "\"deliveries\":{\"goneSince\":\"2021-02-08T17:17:29.000Z\",\"deliveries\":0,"
                + "\"attempts\":0},\"searches\":{\"goneSince\":\"2021-02-08T17:17:29.000Z\"},"
                + "\"indexFiles\":{\"goneSince\":\"2021-02-08T17:18:04.000Z\"},"
                + "\"memory\":{\"goneBy\":\"2021-02-08T17:27:29.000Z\"},"
                + "\"backups\":{\"goneBy\":\"2021-03-15T17:17:29.000Z\"},"
                + "\"issuedAt\":\"2021-02-08T17:18:04.000Z\"}");
    Signature signature = Signature.getInstance("Ed25519");
    signature.initVerify(keys.getPublic());
    signature.update((parts[0] + "." + parts[1]).getBytes(StandardCharsets.US_ASCII));
    assertThat(signature.verify(Base64.getUrlDecoder().decode(parts[2]))).isTrue();
  }

  private static String text(String part) {
    return new String(Base64.getUrlDecoder().decode(part), StandardCharsets.UTF_8);
  }

  @Test
  void waitsForTheIndexToFollowAndToBecomeAvailable() {
    ErasureId id = erase();
    clock.move(SETTLING);

    indexed = LogPosition.START;
    assertThat(work.step()).isEqualTo(1);
    indexed = new LogPosition(1_000, 0);
    available = false;
    assertThatExceptionOfType(Unavailable.class).isThrownBy(work::step);
    available = true;
    purged = false;
    assertThat(work.step()).isEqualTo(1);
    assertThat(current(id).state()).isEqualTo(Erasure.State.INDEXING);
    purged = true;
    assertThat(work.step()).isZero();
    assertThat(current(id).state()).isEqualTo(Erasure.State.DONE);
  }
}
