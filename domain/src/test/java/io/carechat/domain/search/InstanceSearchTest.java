package io.carechat.domain.search;

import static io.carechat.domain.access.AccessAssertions.assertDenied;
import static io.carechat.domain.chat.Samples.NOON;
import static io.carechat.domain.chat.Samples.chatIn;
import static io.carechat.domain.chat.Samples.stored;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.carechat.domain.access.Caller;
import io.carechat.domain.access.Scope;
import io.carechat.domain.chat.ChatId;
import io.carechat.domain.chat.ClientType;
import io.carechat.domain.chat.ExternalId;
import io.carechat.domain.chat.InvalidRequest;
import io.carechat.domain.chat.ManualClock;
import io.carechat.domain.chat.Message;
import io.carechat.domain.chat.MessageKey;
import io.carechat.domain.chat.MessageText;
import io.carechat.domain.chat.PatientId;
import io.carechat.domain.chat.Samples;
import io.carechat.domain.chat.Sender;
import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.chat.Unavailable;
import io.carechat.domain.chat.Violation;
import io.carechat.domain.messages.InMemoryMessageLog;
import io.carechat.domain.messages.MessageLog;
import io.carechat.domain.messages.NewMessage;
import io.carechat.domain.messages.PagedMessage;
import io.carechat.domain.paging.PageSize;
import io.carechat.domain.paging.PageToken;
import io.carechat.domain.paging.PrintableTimes;
import io.carechat.domain.paging.Window;
import io.carechat.domain.search.index.DelegatingIndex;
import io.carechat.domain.search.index.InMemoryMessageIndex;
import io.carechat.domain.search.index.IndexFollower;
import io.carechat.domain.search.index.MessageIndex;
import io.carechat.domain.search.query.SearchFilter;
import io.carechat.domain.search.query.SearchQuery;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class InstanceSearchTest {
  private final TenantInstance instance = Samples.newInstance();
  private final Caller partner = new Caller.Partner("p", instance, EnumSet.allOf(Scope.class));
  private final ManualClock clock = new ManualClock(NOON);
  private final InMemoryMessageLog log = new InMemoryMessageLog(clock);
  private final InMemoryMessageIndex index = new InMemoryMessageIndex();
  private final InstanceSearch search = new InstanceSearch(log, index);
  private final List<ChatId> chats = Stream.generate(() -> chatIn(instance)).limit(5).toList();

  private Message send(ChatId chat, String text) {
    return stored(log, chat, text);
  }

  private void follow(int events) {
    new IndexFollower(log, index, events).step();
  }

  private SearchPage<MessageKey> page(
      SearchQuery query, @Nullable SearchToken<MessageKey> token, PageSize size) {
    return search.search(
        partner, instance, new SearchRequest<>(query, token, size, Samples.ALL_MESSAGES, false));
  }

  private static SearchRequest<MessageKey> request(
      @Nullable SearchQuery query, @Nullable SearchToken<MessageKey> token) {
    return new SearchRequest<>(query, token, null, Samples.ALL_MESSAGES, false);
  }

  private static List<Message> messages(SearchPage<MessageKey> page) {
    return page.hits().newestFirst().stream().map(PagedMessage::message).toList();
  }

  private List<Message> hits(String query) {
    return messages(page(SearchQuery.parse(query), null, new PageSize(200)));
  }

  private List<Message> expected(SearchQuery query) {
    return chats.stream()
        .flatMap(chat -> log.read(chat, new Window.Newest<>(), 10_000).newestFirst().stream())
        .filter(message -> query.matches(message.text()))
        .sorted(Comparator.comparing(MessageKey::of).reversed())
        .toList();
  }

  /** What the index does while somebody pages. */
  enum Index {
    UP_TO_DATE,
    BEHIND,
    AHEAD_OF_ITS_WATERMARK,
    EMPTY,
    STEPS_BACK_MIDWAY
  }

  @ParameterizedTest
  @EnumSource
  void givesEveryHitOnceInOrderInBothDirectionsOverEqualTimes(Index kind) {
    var random = new Random(kind.name().length());
    int pages = 0;
    for (int round = 0; round < 40; round++) {
      pages += new InstanceSearchTest().pageThrough(kind, random);
    }
    assertThat(pages).isGreaterThan(200);
  }

  private int pageThrough(Index kind, Random random) {
    int count = random.nextInt(60);
    List<String> texts = List.of("knee", "kneel", "ankle", "knee pain", "pain", "none", "knaves");
    for (int i = 0; i < count; i++) {
      clock.move(Duration.ofMillis(random.nextInt(2)));
      send(chats.get(random.nextInt(5)), texts.get(random.nextInt(texts.size())));
    }
    int indexed = count == 0 ? 0 : random.nextInt(count);
    // So that one page needs several answers of the index.
    index.answerWithAtMost(1 + random.nextInt(12));
    switch (kind) {
      case UP_TO_DATE, STEPS_BACK_MIDWAY -> follow(count + 1);
      case BEHIND -> follow(indexed + 1);
      case AHEAD_OF_ITS_WATERMARK -> {
        follow(indexed + 1);
        index.addBeyondWatermark(
            expected(SearchQuery.parse("-x")).stream()
                .filter(message -> random.nextBoolean())
                .toList());
      }
      case EMPTY -> {}
    }
    SearchQuery query =
        SearchQuery.parse(
            List.of("kne", "knee -pain", "-knee", "\"knee pain\"").get(random.nextInt(4)));
    List<Message> expected = expected(query);
    var size = new PageSize(1 + random.nextInt(7));
    int pages = 0;

    var older = new ArrayList<Message>();
    SearchToken<MessageKey> token = null;
    SearchPage<MessageKey> page;
    do {
      page = page(query, token, size);
      older.addAll(messages(page));
      token = page.older();
      if (kind == Index.STEPS_BACK_MIDWAY && random.nextInt(4) == 0) {
        index.loseEverything();
        index.indexedUpTo();
      }
      pages++;
    } while (token != null);
    assertThat(older).isEqualTo(expected);

    // Back to the newest hit, and further to what arrived meanwhile.
    int read = older.size() - messages(page).size();
    clock.move(Duration.ofMillis(100));
    Message later = send(chats.get(random.nextInt(5)), "knee pain");
    List<Message> newest = new ArrayList<>(expected.subList(0, read));
    if (query.matches(later.text())) {
      newest.addFirst(later);
    }
    var newer = new ArrayList<Message>();
    while (true) {
      page = page(query, page.newer(), size);
      if (messages(page).isEmpty()) {
        break;
      }
      newer.addAll(0, messages(page));
      pages++;
    }
    assertThat(newer).isEqualTo(newest);
    return pages;
  }

  /** Each search reaches the other index with its second call. */
  @Test
  void readsFromTheLogWhatAReplacingIndexLacks() {
    var sent = new ArrayList<Message>();
    for (int i = 0; i < 20; i++) {
      clock.move(Duration.ofMillis(1));
      sent.add(send(chats.get(i % 5), i % 10 == 0 ? "knee" : "knob"));
    }
    follow(100);
    var steppingBack =
        new OvertakenIndex(
            index,
            () -> {
              index.loseEverything();
              index.indexedUpTo();
            });

    SearchPage<MessageKey> page =
        new InstanceSearch(log, steppingBack)
            .search(partner, instance, request(SearchQuery.parse("knee"), null));

    assertThat(messages(page)).containsExactly(sent.get(10), sent.getFirst());
  }

  /** An index to which something happens after each answer. */
  private static final class OvertakenIndex extends DelegatingIndex {
    private final Runnable after;

    OvertakenIndex(MessageIndex index, Runnable after) {
      super(index);
      this.after = after;
    }

    @Override
    public InstanceProposals proposeInInstance(
        TenantInstance instance,
        SearchQuery query,
        SearchFilter filter,
        Window<MessageKey> window,
        int limit) {
      InstanceProposals all = super.proposeInInstance(instance, query, filter, window, 3);
      after.run();
      return all;
    }
  }

  @Test
  void needsFewStepsForManyProposalsHoweverSmallThePage() {
    Message hit = sendOneHitAmongManyThatOnlyLookLikeIt(5_000);
    var countedLog = Counted.of(MessageLog.class, log);
    var countedIndex = Counted.of(MessageIndex.class, index);
    var counted = new InstanceSearch(countedLog.port(), countedIndex.port());
    var request =
        new SearchRequest<MessageKey>(
            SearchQuery.parse("knee pain"), null, new PageSize(1), Samples.ALL_MESSAGES, false);

    assertThat(messages(counted.search(partner, instance, request))).containsExactly(hit);
    assertThat(countedIndex.calls("proposeInInstance")).hasSizeLessThan(10);
    assertThat(countedLog.calls("findAll")).hasSizeLessThan(30);
  }

  @Test
  void givesUpWhenItTakesTooLong() {
    sendOneHitAmongManyThatOnlyLookLikeIt(2_000);
    var request = request(SearchQuery.parse("knee pain"), null);
    var time = new AtomicLong(Long.MAX_VALUE - 1);
    var slow =
        new InstanceSearch(
            log, index, Runnable::run, () -> time.addAndGet(Duration.ofSeconds(3).toNanos()));
    assertThatExceptionOfType(Unavailable.class)
        .isThrownBy(() -> slow.search(partner, instance, request))
        .satisfies(unavailable -> assertThat(unavailable.retryAfter()).isPositive());
    var fast = new InstanceSearch(log, index, Runnable::run, () -> time.addAndGet(1));
    assertThat(messages(fast.search(partner, instance, request))).hasSize(1);
  }

  /** The index proposes all of these messages: each has words that begin with k and with p. */
  private Message sendOneHitAmongManyThatOnlyLookLikeIt(int others) {
    Message hit = send(chats.getFirst(), "knee pain");
    clock.move(Duration.ofSeconds(1));
    for (int i = 0; i < others; i++) {
      send(chats.get(i % 5), "knob pane");
    }
    follow(2 * others);
    return hit;
  }

  @Test
  void findsWhatWasAcknowledgedJustNow() {
    follow(10);
    Message message = send(chats.getFirst(), "knee");

    assertThat(hits("knee")).containsExactly(message);
  }

  @Test
  void isUnavailableWithoutTheIndex() {
    send(chats.getFirst(), "knee");
    follow(10);
    index.goAwayAfter(0);

    assertThatExceptionOfType(Unavailable.class).isThrownBy(() -> hits("knee"));
  }

  @Test
  void isUnavailableIfTheIndexRefusesTheQuery() {
    send(chats.getFirst(), "knee");
    follow(10);
    MessageIndex refusing = DelegatingIndex.refusing(index);

    assertThatExceptionOfType(Unavailable.class)
        .isThrownBy(() ->
            new InstanceSearch(log, refusing)
                .search(partner, instance, request(SearchQuery.parse("knee"), null)))
        .satisfies(e -> assertThat(e.retryAfter()).isEqualTo(Duration.ofSeconds(7)));
  }

  @Test
  void readsAsManyUnseenEventsAsItMayAndNoMore() {
    ChatId chat = chats.getFirst();
    Message first = send(chat, "knee");
    send(chatIn(Samples.THIS_INSTANCE), "knee");
    for (int i = 1; i < InstanceSearch.MAX_UNSEEN; i++) {
      send(chat, "ankle");
    }
    assertThat(hits("knee")).containsExactly(first);
    for (int i = 0; i < 1_000; i++) {
      send(chat, "ankle");
    }

    assertThatExceptionOfType(Unavailable.class)
        .isThrownBy(() -> hits("knee"))
        .satisfies(unavailable -> assertThat(unavailable.retryAfter()).isPositive());

    follow(2_000);
    assertThat(hits("knee")).containsExactly(first);
  }

  @Test
  void findsNothingOfOtherInstances() {
    Message own = send(chats.getFirst(), "knee");
    for (boolean indexed : List.of(false, true)) {
      for (TenantInstance stranger : Samples.strangersTo(instance)) {
        Caller theirs = new Caller.Partner("other", stranger, EnumSet.allOf(Scope.class));
        SearchPage<MessageKey> page =
            search.search(theirs, stranger, request(SearchQuery.parse("knee"), null));
        assertThat(messages(page)).isEmpty();
        assertThat(page.older()).isNull();
        var ours =
            new SearchToken<>(
                new PageToken<>(
                    PageSize.DEFAULT,
                    new MessageKey(PrintableTimes.LATEST, own.externalId()),
                    true),
                "knee");
        assertThat(messages(search.search(theirs, stranger, request(null, ours)))).isEmpty();
      }
      assertThat(hits("knee")).containsExactly(own);
      if (!indexed) {
        follow(10);
      }
    }
  }

  @Test
  void isDeniedToWhoeverMayNotSearchTheInstanceAndReadsNothing() {
    var counted = Counted.of(MessageIndex.class, index);
    var search = new InstanceSearch(log, counted.port());
    SearchRequest<MessageKey> request = request(SearchQuery.parse("knee"), null);
    EnumSet<Scope> all = EnumSet.allOf(Scope.class);
    EnumSet<Scope> allButOne = EnumSet.complementOf(EnumSet.of(Scope.SEARCH_INSTANCE));
    var member = new Sender.CareTeamMember(Samples.newUuid(), "Nurse");
    PatientId patient = chats.getFirst().patient();
    var nurse = new Caller.CareTeamUser("nurse", instance, all, member);

    for (Caller caller :
        List.of(
            new Caller.Partner("key", instance, allButOne),
            new Caller.CareTeamUser("nurse", instance, allButOne, member),
            new Caller.PatientUser("patient", instance, all, patient))) {
      assertDenied(Scope.SEARCH_INSTANCE, () -> search.search(caller, instance, request));
    }
    for (TenantInstance stranger : Samples.strangersTo(instance)) {
      assertDenied(Scope.SEARCH_INSTANCE, () -> search.search(partner, stranger, request));
      assertDenied(Scope.SEARCH_INSTANCE, () -> search.search(nurse, stranger, request));
    }
    assertThat(counted.all()).isEmpty();
    for (Caller caller :
        List.of(
            new Caller.Partner("key", instance, EnumSet.of(Scope.SEARCH_INSTANCE)),
            new Caller.CareTeamUser(
                "nurse", instance, EnumSet.of(Scope.SEARCH_INSTANCE), member))) {
      assertThat(search.search(caller, instance, request).hits().newestFirst()).isEmpty();
    }
  }

  @Test
  void filtersByTimeAndSide() {
    Message patient = send(chats.get(0), "knee");
    clock.move(Duration.ofSeconds(1));
    Message nurse =
        stored(
            log,
            new NewMessage(
                chats.get(1),
                new ExternalId(Samples.newUuid()),
                new Sender.CareTeamMember(Samples.newUuid(), "Nurse"),
                new MessageText("Which knee?"),
                null));
    for (int round = 0; round < 2; round++) {
      assertThat(filtered(new SearchFilter(null, null, ClientType.PATIENT)))
          .containsExactly(patient);
      assertThat(filtered(new SearchFilter(null, null, ClientType.CARE_TEAM)))
          .containsExactly(nurse);
      assertThat(filtered(new SearchFilter(nurse.createdAt(), null, null))).containsExactly(nurse);
      assertThat(filtered(new SearchFilter(null, nurse.createdAt(), null)))
          .containsExactly(patient);
      follow(10);
    }
  }

  private List<Message> filtered(SearchFilter filter) {
    return messages(
        search.search(
            partner,
            instance,
            new SearchRequest<>(SearchQuery.parse("knee"), null, null, filter, false)));
  }

  private static void assertInvalidQuery(ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            InvalidRequest.class,
            invalid ->
                assertThat(invalid.violations())
                    .extracting(Violation::member)
                    .containsExactly("query"));
  }

  @Test
  void takesTheQueryFromTheTokenAndAcceptsNoOther() {
    Message message = send(chats.getFirst(), "knee");
    var token =
        new SearchToken<>(
            new PageToken<>(
                new PageSize(7), new MessageKey(NOON.minusMillis(1), message.externalId()), false),
            "knee");

    SearchPage<MessageKey> page = search.search(partner, instance, request(null, token));
    assertThat(messages(page)).containsExactly(message);
    assertThat(page.newer())
        .isEqualTo(
            new SearchToken<>(
                new PageToken<>(
                    new PageSize(7),
                    new MessageKey(message.createdAt(), message.externalId()),
                    false),
                "knee"));
    assertThat(search.search(partner, instance, request(SearchQuery.parse("knee"), token)))
        .isEqualTo(page);
    assertInvalidQuery(
        () -> search.search(partner, instance, request(SearchQuery.parse("Knee"), token)));
    assertInvalidQuery(() -> search.search(partner, instance, request(null, null)));
  }

  @Test
  void findsTheWayBackFromBothEndsOfTime() {
    Message message = send(chats.getFirst(), "knee");
    for (Instant end : List.of(PrintableTimes.EARLIEST, PrintableTimes.LATEST)) {
      for (boolean before : List.of(true, false)) {
        for (long bits : List.of(0L, -1L)) {
          var id = new ExternalId(new UUID(bits, bits));
          SearchPage<MessageKey> page =
              search.search(
                  partner,
                  instance,
                  request(
                      null,
                      new SearchToken<>(
                          new PageToken<>(PageSize.DEFAULT, new MessageKey(end, id), before),
                          "knee")));
          boolean early = end.equals(PrintableTimes.EARLIEST);
          if (early != before) {
            assertThat(messages(page)).containsExactly(message);
          } else {
            assertThat(messages(page)).isEmpty();
            SearchToken<MessageKey> back =
                before ? page.newer() : Objects.requireNonNull(page.older());
            assertThat(messages(search.search(partner, instance, request(null, back))))
                .containsExactly(message);
          }
        }
      }
    }
  }

  @Test
  void highlightsOnlyWhenAskedAndLeadsFromAHitToItsChat() {
    ChatId chat = chats.getFirst();
    send(chat, "before");
    clock.move(Duration.ofMillis(5));
    send(chat, "my knee");
    send(chats.get(1), "elsewhere");
    SearchQuery query = SearchQuery.parse("knee");

    PagedMessage plain = page(query, null, PageSize.DEFAULT).hits().newestFirst().getFirst();
    PagedMessage highlighted =
        search
            .search(
                partner,
                instance,
                new SearchRequest<>(query, null, null, Samples.ALL_MESSAGES, true))
            .hits()
            .newestFirst()
            .getFirst();

    assertThat(plain.highlights()).isEmpty();
    assertThat(highlighted.highlights()).containsExactly("my <em>knee</em>");
    assertThat(log.read(chat, plain.older().window(), 10).newestFirst())
        .extracting(message -> message.text().value())
        .containsExactly("before");
  }

  @Test
  void findsNothingForAQueryWithoutWords() {
    send(chats.getFirst(), "!");

    assertThat(hits("!")).isEmpty();
  }
}
