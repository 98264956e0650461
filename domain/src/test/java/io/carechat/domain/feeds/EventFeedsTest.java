package io.carechat.domain.feeds;

import static io.carechat.domain.access.AccessAssertions.assertDenied;
import static io.carechat.domain.chat.Samples.NOON;
import static io.carechat.domain.chat.Samples.THIS_INSTANCE;
import static io.carechat.domain.chat.Samples.newChat;
import static io.carechat.domain.chat.Samples.stored;
import static io.carechat.domain.chat.Samples.strangersTo;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.carechat.domain.access.Caller;
import io.carechat.domain.access.Scope;
import io.carechat.domain.chat.ChatId;
import io.carechat.domain.chat.ManualClock;
import io.carechat.domain.chat.Message;
import io.carechat.domain.chat.Samples;
import io.carechat.domain.chat.Sender;
import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.chat.Unavailable;
import io.carechat.domain.events.ChatEvent;
import io.carechat.domain.events.LogPosition;
import io.carechat.domain.events.LoggedEvent;
import io.carechat.domain.messages.InMemoryMessageLog;
import io.carechat.domain.messages.MessageLogContract;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class EventFeedsTest {
  private static final Duration TIMEOUT = Duration.ofSeconds(60);
  private static final int TEXT = 32_768;
  private static final Caller PARTNER =
      new Caller.Partner("partner", THIS_INSTANCE, EnumSet.allOf(Scope.class));

  private final CountingLog log = new CountingLog(new InMemoryMessageLog(new ManualClock(NOON)));
  private final LogFollower follower = new LogFollower(log.log, log, 2);
  private final EventFeeds feeds = new EventFeeds(follower);

  /** Counts the reads of feeds, and is unavailable while a test wants it to be. */
  private static final class CountingLog implements InstanceEvents {
    private final InMemoryMessageLog log;
    private final AtomicInteger reads = new AtomicInteger();
    private final AtomicInteger ends = new AtomicInteger();
    private final AtomicBoolean unavailable = new AtomicBoolean();
    private final AtomicBoolean slowEnds = new AtomicBoolean();
    private final AtomicInteger events = new AtomicInteger();
    private final CountDownLatch released = new CountDownLatch(1);
    private final Set<ChatId> hanging = ConcurrentHashMap.newKeySet();

    CountingLog(InMemoryMessageLog log) {
      this.log = log;
    }

    private void count() {
      reads.incrementAndGet();
      requireThere();
    }

    private void requireThere() {
      if (unavailable.get()) {
        throw new Unavailable("unavailable", Duration.ofSeconds(1));
      }
    }

    private List<LoggedEvent> counted(List<LoggedEvent> batch) {
      events.addAndGet(batch.size());
      return batch;
    }

    /** Waits until the test releases it, as a database does that fails only after a timeout. */
    private void hang() {
      try {
        assertThat(released.await(TIMEOUT.toSeconds(), TimeUnit.SECONDS)).isTrue();
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
      requireThere();
    }

    @Override
    public List<LoggedEvent> read(TenantInstance instance, LogPosition after, int limit) {
      count();
      return counted(log.read(instance, after, limit));
    }

    @Override
    public List<LoggedEvent> read(ChatId chat, LogPosition after, int limit) {
      count();
      if (hanging.contains(chat)) {
        hang();
      }
      return counted(log.read(chat, after, limit));
    }

    @Override
    public LogPosition end() {
      ends.incrementAndGet();
      LogPosition end = log.end();
      if (slowEnds.get()) {
        LockSupport.parkNanos(Duration.ofMillis(5).toNanos());
      }
      requireThere();
      return end;
    }

    @Override
    public LogPosition bound() {
      requireThere();
      return log.bound();
    }
  }

  private FeedPage page(Feed feed, @Nullable LogPosition after, int limit, Duration wait)
      throws InterruptedException {
    return feeds.read(PARTNER, feed, after, limit, wait);
  }

  private FeedReader open(Feed feed, @Nullable LogPosition after) {
    return feeds.open(PARTNER, feed, after);
  }

  private static List<Message> messages(List<LoggedEvent> events) {
    return events.stream()
        .map(logged -> ((ChatEvent.MessageSent) logged.event()).message())
        .toList();
  }

  @Test
  void pagesThroughAFeedInPagesOfEverySize() throws Exception {
    ChatId chat = newChat();
    ChatId other = newChat();
    var ofChat = new ArrayList<Message>();
    var all = new ArrayList<Message>();
    for (int i = 0; i < 5; i++) {
      all.add(stored(log.log, chat, "message " + i));
      ofChat.add(all.getLast());
      all.add(stored(log.log, other, "other " + i));
    }
    for (int limit = 1; limit <= 11; limit++) {
      var read = new ArrayList<LoggedEvent>();
      FeedPage page =
          page(new Feed.OfInstance(THIS_INSTANCE), LogPosition.START, limit, Duration.ZERO);
      read.addAll(page.events());
      while (page.more()) {
        assertThat(page.events()).hasSize(limit);
        page = page(new Feed.OfInstance(THIS_INSTANCE), page.after(), limit, Duration.ZERO);
        read.addAll(page.events());
      }
      assertThat(messages(read)).isEqualTo(all);
    }
    assertThat(messages(page(new Feed.OfChat(chat), LogPosition.START, 9, Duration.ZERO).events()))
        .isEqualTo(ofChat);
    assertThatThrownBy(() -> page(new Feed.OfChat(chat), LogPosition.START, 0, Duration.ZERO))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> page(new Feed.OfChat(chat), LogPosition.START, 501, Duration.ZERO))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void anEmptyPageContinuesAtTheSamePosition() throws Exception {
    ChatId chat = newChat();
    FeedPage empty = page(new Feed.OfChat(chat), LogPosition.START, 10, Duration.ZERO);
    assertThat(empty).isEqualTo(new FeedPage(List.of(), LogPosition.START, false));

    stored(log.log, chat, "before");
    FeedPage now = page(new Feed.OfChat(chat), null, 10, Duration.ZERO);
    assertThat(now.events()).isEmpty();
    Message later = stored(log.log, chat, "later");
    assertThat(messages(page(new Feed.OfChat(chat), now.after(), 10, Duration.ZERO).events()))
        .containsExactly(later);
  }

  @Test
  void deniesWhoeverMayNotReadAndReadsNothing() throws Exception {
    ChatId chat = newChat();
    stored(log.log, chat, "private");
    var refused = new ArrayList<Caller>();
    for (ChatId stranger : strangersTo(chat)) {
      refused.add(
          new Caller.PatientUser(
              "t", stranger.instance(), EnumSet.allOf(Scope.class), stranger.patient()));
      if (!stranger.instance().equals(THIS_INSTANCE)) {
        refused.add(new Caller.Partner("p", stranger.instance(), EnumSet.allOf(Scope.class)));
        refused.add(
            new Caller.CareTeamUser(
                "n",
                stranger.instance(),
                EnumSet.allOf(Scope.class),
                new Sender.CareTeamMember(Samples.newUuid(), null)));
      }
    }
    refused.add(new Caller.Partner("p", THIS_INSTANCE, Set.of(Scope.SEND_MESSAGES)));
    refused.add(new Caller.PatientUser("t", THIS_INSTANCE, Set.of(), chat.patient()));
    for (Caller caller : refused) {
      assertRefused(caller, new Feed.OfChat(chat));
      assertRefused(caller, new Feed.OfInstance(THIS_INSTANCE));
    }
    var patient =
        new Caller.PatientUser("t", THIS_INSTANCE, EnumSet.allOf(Scope.class), chat.patient());
    assertRefused(patient, new Feed.OfInstance(THIS_INSTANCE));
    assertThat(
            feeds
                .read(patient, new Feed.OfChat(chat), LogPosition.START, 1, Duration.ZERO)
                .events())
        .hasSize(1);
    assertThat(log.reads).as("only the reads of whoever may read").hasValue(1);
  }

  private void assertRefused(Caller caller, Feed feed) {
    assertDenied(
        Scope.READ_MESSAGES, () -> feeds.read(caller, feed, LogPosition.START, 10, Duration.ZERO));
    assertDenied(Scope.READ_MESSAGES, () -> feeds.open(caller, feed, null));
  }

  @Test
  void waitsForEventsAndGetsThemAtOnce() throws Exception {
    ChatId chat = newChat();
    try (var _ = new LogFollowerThread(follower);
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<FeedPage> waiting =
          threads.submit(() -> page(new Feed.OfChat(chat), null, 10, TIMEOUT));
      awaitOpened();
      stored(log.log, newChat(), "of another chat");
      Message sent = stored(log.log, chat, "hello");
      assertThat(messages(waiting.get().events())).containsExactly(sent);
    }
  }

  @Test
  void givesUpWhenTheTimeIsOver() throws Exception {
    try (var _ = new LogFollowerThread(follower)) {
      assertThat(page(new Feed.OfChat(newChat()), null, 10, Duration.ofMillis(30)).events())
          .isEmpty();
    }
  }

  @Test
  void readsNothingFromTheLogWhileThereIsNothingNew() throws Exception {
    ChatId chat = newChat();
    try (FeedReader reader = open(new Feed.OfChat(chat), null)) {
      assertThat(reader.next(10, TEXT, Duration.ZERO)).isEmpty();
      boolean _ = follower.step();
      assertThat(reader.next(10, TEXT, Duration.ZERO)).isEmpty();
      stored(log.log, newChat(), "of another chat");
      for (int i = 0; i < 5; i++) {
        boolean _ = follower.step();
        assertThat(reader.next(10, TEXT, Duration.ofMillis(1))).isEmpty();
      }
      assertThat(log.reads).hasValue(0);
    }
  }

  /** An event that was read before it was announced is not read again when it is announced. */
  @Test
  void doesNotReadAgainWhatItHasRead() throws Exception {
    ChatId chat = newChat();
    try (FeedReader reader = open(new Feed.OfChat(chat), null)) {
      boolean _ = follower.step();
      stored(log.log, chat, "first");
      boolean _ = follower.step();
      stored(log.log, chat, "second");
      assertThat(reader.next(10, TEXT, Duration.ZERO)).hasSize(2);
      assertThat(log.reads).hasValue(1);
      boolean _ = follower.step();
      assertThat(reader.next(10, TEXT, Duration.ZERO)).isEmpty();
      assertThat(log.reads).hasValue(1);
    }
  }

  @Test
  void readsOnceForAllReadersAtTheSamePosition() throws Exception {
    var readers = new ArrayList<FeedReader>();
    for (int i = 0; i < 200; i++) {
      readers.add(open(new Feed.OfInstance(THIS_INSTANCE), LogPosition.START));
    }
    Message first = stored(log.log, newChat(), "first");
    boolean _ = follower.step();
    for (FeedReader reader : readers) {
      assertThat(messages(reader.next(10, TEXT, Duration.ZERO))).containsExactly(first);
    }
    assertThat(log.reads).hasValue(1);

    Message second = stored(log.log, newChat(), "second");
    boolean _ = follower.step();
    Message third = stored(log.log, newChat(), "third");
    boolean _ = follower.step();
    for (FeedReader reader : readers) {
      assertThat(messages(reader.next(10, TEXT, Duration.ZERO))).containsExactly(second, third);
    }
    assertThat(log.reads).hasValue(2);
    readers.forEach(FeedReader::close);
  }

  /** Many readers that begin at the end at the same time look it up a few times only. */
  @Test
  void looksUpTheEndOnceForManyReaders() throws Exception {
    ChatId chat = newChat();
    int count = 200;
    log.slowEnds.set(true);
    List<FeedReader> readers =
        MessageLogContract.atOnce(count, () -> open(new Feed.OfChat(chat), null));
    assertThat(log.ends.get()).isLessThan(count / 2);
    assertThat(log.reads).hasValue(0);

    Message sent = stored(log.log, chat, "hello");
    boolean _ = follower.step();
    for (FeedReader reader : readers) {
      assertThat(messages(reader.next(10, TEXT, Duration.ZERO))).containsExactly(sent);
      reader.close();
    }
  }

  /** How much memory a reader needs must not depend on how long the messages are. */
  @Test
  void givesNoMoreTextAtATimeThanIsAllowed() throws Exception {
    ChatId chat = newChat();
    var sent = new ArrayList<Message>();
    for (int i = 0; i < 300; i++) {
      sent.add(stored(log.log, chat, i < 200 ? "\uD83C\uDF89".repeat(10_000) : "short"));
    }
    var pulled = new ArrayList<LoggedEvent>();
    FeedPage page = new FeedPage(List.of(), LogPosition.START, true);
    while (page.more()) {
      page = page(new Feed.OfChat(chat), page.after(), 500, Duration.ZERO);
      assertThat(page.events()).isNotEmpty();
      assertThat(text(page.events())).isLessThanOrEqualTo(EventFeeds.MAX_TEXT);
      pulled.addAll(page.events());
    }
    assertThat(messages(pulled)).isEqualTo(sent);
    assertThat(messages(page(new Feed.OfChat(chat), null, 500, Duration.ofMillis(1)).events()))
        .isEmpty();

    var waitedFor = new ArrayList<LoggedEvent>();
    FeedPage waited = new FeedPage(List.of(), LogPosition.START, true);
    while (waited.more()) {
      waited = page(new Feed.OfChat(chat), waited.after(), 500, TIMEOUT);
      assertThat(text(waited.events())).isLessThanOrEqualTo(EventFeeds.MAX_TEXT);
      waitedFor.addAll(waited.events());
    }
    assertThat(messages(waitedFor)).isEqualTo(sent);

    log.events.set(0);
    var followed = new ArrayList<LoggedEvent>();
    try (FeedReader reader = open(new Feed.OfChat(chat), LogPosition.START)) {
      while (followed.size() < sent.size()) {
        List<LoggedEvent> batch = reader.next(100, TEXT, Duration.ZERO);
        assertThat(text(batch)).isBetween(1L, (long) TEXT);
        followed.addAll(batch);
      }
      assertThat(reader.next(100, TEXT, Duration.ZERO)).isEmpty();
    }
    assertThat(messages(followed)).isEqualTo(sent);
    // Hardly any event is read in vain.
    assertThat(log.events).hasValueLessThan(3 * sent.size());
  }

  /** An event that is longer than the limit is given alone. */
  @Test
  void givesOneEventHoweverLongItIs() throws Exception {
    ChatId chat = newChat();
    List<Message> sent =
        List.of(stored(log.log, chat, "x".repeat(9_000)), stored(log.log, chat, "y".repeat(9_000)));
    try (FeedReader reader = open(new Feed.OfChat(chat), LogPosition.START)) {
      for (Message message : sent) {
        assertThat(messages(reader.next(10, 100, Duration.ZERO))).containsExactly(message);
      }
      assertThat(reader.next(10, 100, Duration.ZERO)).isEmpty();
    }
  }

  private static long text(List<LoggedEvent> events) {
    return messages(events).stream().mapToLong(message -> message.text().value().length()).sum();
  }

  @Test
  void reportsAFailedReadToAllWhoWaitForIt() throws Exception {
    ChatId chat = newChat();
    stored(log.log, chat, "hello");
    log.hanging.add(chat);
    assertThat(awayFor(200, () -> chat)).isEqualTo(200);
    assertThat(log.reads).hasValue(1);
  }

  /** Those that may read at the same time notice it; the others do not try again. */
  @Test
  void reportsAnUnavailableLogToAllWhoWaitForTheirTurn() throws Exception {
    var chats = Stream.generate(Samples::newChat).limit(50).toList();
    log.hanging.addAll(chats);
    var next = new AtomicInteger();
    assertThat(awayFor(50, () -> chats.get(next.getAndIncrement()))).isEqualTo(50);
    assertThat(log.reads).hasValue(2);

    log.unavailable.set(false);
    for (ChatId chat : chats) {
      Message sent = stored(log.log, chat, "back");
      try (FeedReader reader = open(new Feed.OfChat(chat), LogPosition.START)) {
        assertThat(messages(reader.next(10, TEXT, Duration.ZERO))).containsExactly(sent);
      }
    }
  }

  /** Makes the log unavailable once all readers wait, and counts those that notice it. */
  private long awayFor(int readers, Supplier<ChatId> chats) throws InterruptedException {
    var unavailable = new AtomicInteger();
    var threads = new ArrayList<Thread>();
    for (int i = 0; i < readers; i++) {
      Feed feed = new Feed.OfChat(chats.get());
      threads.add(
          Thread.ofVirtual()
              .start(() -> {
                try (FeedReader reader = open(feed, LogPosition.START)) {
                  assertThat(reader.next(10, TEXT, Duration.ZERO)).isNull();
                } catch (Unavailable e) {
                  unavailable.incrementAndGet();
                } catch (InterruptedException e) {
                  throw new AssertionError(e);
                }
              }));
    }
    var waiting = EnumSet.of(Thread.State.WAITING, Thread.State.TIMED_WAITING);
    for (Thread thread : threads) {
      awaitThat(() -> waiting.contains(thread.getState()) || !thread.isAlive());
    }
    log.unavailable.set(true);
    log.released.countDown();
    for (Thread thread : threads) {
      assertThat(thread.join(TIMEOUT)).isTrue();
    }
    return unavailable.get();
  }

  @Test
  void limitsTheWaitForATurnAndDoesNotDelayPulls() throws Exception {
    var chats = Stream.generate(Samples::newChat).limit(2).toList();
    log.hanging.addAll(chats);
    ChatId other = newChat();
    Message sent = stored(log.log, other, "hello");
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<FeedPage>> hanging =
          chats.stream()
              .map(chat ->
                  threads.submit(() -> page(new Feed.OfChat(chat), LogPosition.START, 10, TIMEOUT)))
              .toList();
      awaitThat(() -> log.reads.get() == 2);

      Future<FeedPage> pull =
          threads.submit(() -> page(new Feed.OfChat(other), LogPosition.START, 10, Duration.ZERO));
      assertThat(messages(pull.get(TIMEOUT.toSeconds(), TimeUnit.SECONDS).events()))
          .containsExactly(sent);
      try (FeedReader reader = open(new Feed.OfChat(other), LogPosition.START)) {
        Future<List<LoggedEvent>> turn = threads.submit(() -> reader.next(10, TEXT, Duration.ZERO));
        assertThatThrownBy(() -> turn.get(TIMEOUT.toSeconds() / 2, TimeUnit.SECONDS))
            .hasCauseInstanceOf(Unavailable.class);
      }
      hanging.forEach(future -> assertThat(future.isDone()).isFalse());

      chats.forEach(chat -> stored(log.log, chat, "late"));
      log.released.countDown();
      for (Future<FeedPage> future : hanging) {
        assertThat(future.get(TIMEOUT.toSeconds(), TimeUnit.SECONDS).events()).hasSize(1);
      }
    }
  }

  @Test
  void reportsToAllReadersThatTheEndCannotBeLookedUp() throws Exception {
    int count = 200;
    ChatId chat = newChat();
    log.slowEnds.set(true);
    log.unavailable.set(true);
    List<Boolean> unavailable =
        MessageLogContract.atOnce(
            count,
            () -> {
              try (FeedReader reader = open(new Feed.OfChat(chat), null)) {
                return reader.isStopping();
              } catch (Unavailable e) {
                return true;
              }
            });
    assertThat(unavailable).hasSize(count).doesNotContain(false);
    assertThat(log.ends.get()).isLessThan(count / 2);

    log.unavailable.set(false);
    open(new Feed.OfChat(chat), null).close();
  }

  @Test
  void losesNothingWhileTheLogIsUnavailable() throws Exception {
    ChatId chat = newChat();
    try (FeedReader reader = open(new Feed.OfChat(chat), null)) {
      boolean _ = follower.step();
      Message sent = stored(log.log, chat, "hello");
      boolean _ = follower.step();
      log.unavailable.set(true);
      for (int i = 0; i < 3; i++) {
        assertThatThrownBy(() -> reader.next(10, TEXT, Duration.ZERO))
            .isInstanceOf(Unavailable.class);
      }
      log.unavailable.set(false);
      assertThat(messages(reader.next(10, TEXT, Duration.ZERO))).containsExactly(sent);
    }
  }

  @Test
  void endsAllWaitingWhenTheServiceStops() throws Exception {
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<FeedPage> waiting =
          threads.submit(() -> page(new Feed.OfChat(newChat()), null, 10, TIMEOUT));
      awaitOpened();
      feeds.endWaiting();
      assertThat(waiting.get().events()).isEmpty();
    }
    try (FeedReader late = open(new Feed.OfChat(newChat()), null)) {
      assertThat(late.isStopping()).isTrue();
      assertThat(late.next(10, TEXT, TIMEOUT)).isEmpty();
    }
  }

  /** A reader that comes when nobody else waits gets what happens from then on. */
  @Test
  void waitsAgainAfterEverybodyLeft() throws Exception {
    ChatId chat = newChat();
    for (int round = 0; round < 3; round++) {
      try (FeedReader reader = open(new Feed.OfChat(chat), null)) {
        assertThat(reader.next(10, TEXT, Duration.ZERO)).isEmpty();
        Message sent = stored(log.log, chat, "hello");
        // The follower starts after the message, and announces that.
        boolean _ = follower.step();
        assertThat(messages(reader.next(10, TEXT, Duration.ZERO))).containsExactly(sent);
      }
      stored(log.log, chat, "unheard");
      boolean _ = follower.step();
    }
  }

  /** Waits until a reader has begun at the end. */
  private void awaitOpened() {
    awaitThat(() -> log.ends.get() > 0);
  }

  private static void awaitThat(BooleanSupplier condition) {
    long deadline = System.nanoTime() + TIMEOUT.toNanos();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).isLessThan(deadline);
      Thread.onSpinWait();
    }
  }
}
