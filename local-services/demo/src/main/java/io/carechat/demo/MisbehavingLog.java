package io.carechat.demo;

import io.carechat.domain.chat.ChatId;
import io.carechat.domain.chat.ExternalId;
import io.carechat.domain.chat.Message;
import io.carechat.domain.chat.MessageRef;
import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.chat.Unavailable;
import io.carechat.domain.events.LogPosition;
import io.carechat.domain.events.LoggedEvent;
import io.carechat.domain.messages.MessageLog;
import io.carechat.domain.messages.NewMessage;
import io.carechat.domain.paging.Slice;
import io.carechat.domain.paging.Window;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A log that misbehaves for the patients of {@link Scenario}, and works normally for all others.
 */
final class MisbehavingLog implements MessageLog {
  private static final Duration RETRY_AFTER = Duration.ofSeconds(1);

  private final MessageLog log;
  private final Duration slowness;
  private final AtomicInteger sends = new AtomicInteger();
  private final AtomicInteger reads = new AtomicInteger();
  private final AtomicInteger withoutKey = new AtomicInteger();

  MisbehavingLog(MessageLog log, Duration slowness) {
    this.log = log;
    this.slowness = slowness;
  }

  @Override
  public Appended append(NewMessage message) {
    misbehave(message.chat(), sends);
    Appended appended = log.append(message);
    if (Scenario.LOST_ANSWER.isOf(message.chat().patient())
        && appended instanceof Appended.Stored
        && (message.key() != null || withoutKey.getAndIncrement() % 2 == 0)) {
      throw away();
    }
    return appended;
  }

  @Override
  public Optional<Appended> findEarlier(NewMessage message) {
    return log.findEarlier(message);
  }

  @Override
  public Slice<Message> read(ChatId chat, Window<Instant> window, int limit) {
    misbehave(chat, reads);
    return log.read(chat, window, limit);
  }

  @Override
  public Optional<Message> find(ChatId chat, ExternalId id) {
    misbehave(chat, reads);
    return log.find(chat, id);
  }

  /** A part of searching, which has its own scenarios. */
  @Override
  public Slice<Message> readLoggedAfter(
      LogPosition position, ChatId chat, Window<Instant> window, int limit) {
    return log.readLoggedAfter(position, chat, window, limit);
  }

  /** A part of searching, which has its own scenarios. */
  @Override
  public List<Message> findAll(ChatId chat, Collection<ExternalId> ids) {
    return log.findAll(chat, ids);
  }

  /** A part of searching all chats, which has no scenarios. */
  @Override
  public List<LoggedEvent> readLoggedAfter(
      LogPosition position, TenantInstance instance, int limit) {
    return log.readLoggedAfter(position, instance, limit);
  }

  /** A part of searching all chats, which has no scenarios. */
  @Override
  public List<Message> findAll(TenantInstance instance, Collection<MessageRef> messages) {
    return log.findAll(instance, messages);
  }

  private void misbehave(ChatId chat, AtomicInteger calls) {
    if (Scenario.UNAVAILABLE.isOf(chat.patient()) && calls.getAndIncrement() % 3 < 2) {
      throw away();
    }
    if (Scenario.SLOW.isOf(chat.patient())) {
      try {
        Thread.sleep(slowness);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new Unavailable("The sandbox is stopping", RETRY_AFTER, e);
      }
    }
  }

  private static Unavailable away() {
    return new Unavailable("The scenario of this patient", RETRY_AFTER);
  }
}
