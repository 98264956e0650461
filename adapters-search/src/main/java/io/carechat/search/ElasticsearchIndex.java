package io.carechat.search;

import co.elastic.clients.elasticsearch._types.SortOrder;
import co.elastic.clients.elasticsearch.core.SearchRequest;
import co.elastic.clients.elasticsearch.core.SearchResponse;
import co.elastic.clients.elasticsearch.core.search.Hit;
import io.carechat.domain.chat.ChatId;
import io.carechat.domain.chat.ExternalId;
import io.carechat.domain.chat.Message;
import io.carechat.domain.chat.MessageKey;
import io.carechat.domain.chat.Secret;
import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.chat.TimeOrderedIds;
import io.carechat.domain.chat.Unavailable;
import io.carechat.domain.events.LogPosition;
import io.carechat.domain.paging.Window;
import io.carechat.domain.search.index.IndexDocuments;
import io.carechat.domain.search.index.IndexRebuild;
import io.carechat.domain.search.index.MessageIndex;
import io.carechat.domain.search.index.QueryRefused;
import io.carechat.domain.search.query.SearchFilter;
import io.carechat.domain.search.query.SearchQuery;
import io.carechat.domain.search.query.Words;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The index in Elasticsearch. It holds one document for each message. The document has the words
 * that {@link io.carechat.domain.search.query.Words} makes of the text, and never the text itself.
 * Elasticsearch analyses nothing, so it cannot disagree with the domain about what a word is.
 *
 * <p><b>An incomplete index never answers as if it were complete.</b> The watermark says up to
 * which position the log is indexed. It is a document of the same index as the messages, and it is
 * written after they have become visible. So whatever loses the messages loses the watermark too.
 * Every index has a name that no other index ever had, and the alias only points to it. A search
 * first reads the watermark. Then it searches the index of that name, not the alias. If that index
 * was deleted or replaced in the meantime, the response is 404. So the search ends with {@link
 * Unavailable}, and never with "nothing found". In the same way, messages are written to the very
 * index whose watermark says that everything before them is there. The watermark only moves
 * forward, and only if it is still the one that was read.
 *
 * <p>A search may know a watermark that has moved on since. Then {@link
 * io.carechat.domain.search.ChatSearch} reads a little more from the log than necessary. The
 * watermark is read again after a second, because another node may be the one that follows the log.
 *
 * <p>The names contain the version of the mappings and the fingerprint of the analysis of words. So
 * a node with another analysis uses another index. It fills this index from the log, beside the one
 * of the other nodes. {@link #oldIndices} deletes what nobody uses any more.
 *
 * <p>If there is no index, {@link #indexedUpTo} creates one. If two nodes do so at once, only one
 * succeeds: an alias can have only one write index, and Elasticsearch refuses to create the second.
 *
 * <p>Elasticsearch may be unavailable when this is opened, and at any time later. After a failure,
 * searches fail at once for a second. Otherwise each of them would wait for the same timeout. If
 * Elasticsearch refuses one query, the next one is sent as if nothing had happened. Otherwise
 * somebody with expensive queries could stop the searches of everybody.
 */
public final class ElasticsearchIndex implements MessageIndex, AutoCloseable {
  /**
   * The version of the mappings in {@code messages-v3.json}. A change of them needs a new version.
   */
  private static final String VERSION = "v3";

  /** The largest number of hits that Elasticsearch returns with its default settings. */
  private static final int MAX_PROPOSALS = 10_000;

  private static final Duration WATERMARK_AGE = Duration.ofSeconds(1);
  private static final Duration PAUSE = Duration.ofSeconds(1);
  private static final Duration RETRY_AFTER = Duration.ofSeconds(2);

  /** The statuses of a search in an index that is deleted, or that is just being deleted. */
  private static final Set<Integer> GONE = Set.of(404, 503);

  /** How the service logs in to Elasticsearch. */
  public sealed interface Login {
    /** An API key, in its encoded form. */
    record ApiKey(Secret key) implements Login {}

    /** A user's name and password. */
    record Password(String user, Secret password) implements Login {}
  }

  /**
   * Where Elasticsearch is, and how to use it.
   *
   * @param url {@code http} or {@code https}, with or without a path before Elasticsearch's own
   * @param prefix begins the names of the index and its aliases, {@code [a-z][a-z0-9-]{0,62}}
   * @param login null if none is needed
   * @param connecting how long making a connection may take
   * @param answering how long the response to a search may take. A search waits for a free
   *     connection for a fifth of this, and Elasticsearch may work on it for three fifths.
   * @param indexing how long the response to a call may take that no search waits for
   * @param connections the largest number of connections in use at once
   * @param shards the number of shards of a new index; a chat is in one of them
   * @param replicas the number of copies of each shard of a new index, besides the first
   */
  public record Settings(
      URI url,
      String prefix,
      @Nullable Login login,
      Duration connecting,
      Duration answering,
      Duration indexing,
      int connections,
      int shards,
      int replicas) {
    private static final Pattern PREFIX = Pattern.compile("[a-z][a-z0-9-]{0,62}");

    /**
     * @throws IllegalArgumentException if the address or the prefix does not have the form above,
     *     if a time, the connections or the shards are not positive, or if the replicas are
     *     negative
     */
    public Settings {
      if (!("http".equals(url.getScheme()) || "https".equals(url.getScheme()))
          || url.getHost() == null) {
        throw new IllegalArgumentException(
            "The URL must begin with http:// or https:// and a host");
      }
      if (!PREFIX.matcher(prefix).matches()) {
        throw new IllegalArgumentException("The prefix must match " + PREFIX);
      }
      if (!connecting.isPositive() || !answering.isPositive() || !indexing.isPositive()) {
        throw new IllegalArgumentException("Times must be positive");
      }
      if (connections < 1 || shards < 1 || replicas < 0) {
        throw new IllegalArgumentException(
            "There must be at least 1 connection, at least 1 shard and at least 0 replicas");
      }
    }

    /** 2 s to connect, 5 s to answer, 30 s to index, 64 connections, 1 shard, no replica. */
    public static Settings of(URI url, String prefix) {
      return new Settings(
          url,
          prefix,
          null,
          Duration.ofSeconds(2),
          Duration.ofSeconds(5),
          Duration.ofSeconds(30),
          64,
          1,
          0);
    }

    /** The same settings with other timeouts. */
    public Settings waiting(Duration connecting, Duration answering, Duration indexing) {
      return new Settings(
          url, prefix, login, connecting, answering, indexing, connections, shards, replicas);
    }
  }

  private record Known(Generation generation, long readAt) {}

  private final Connection connection;
  private final Settings settings;
  private final TimeOrderedIds ids;
  private final String alias;

  /**
   * How long Elasticsearch may work on a search, in its own notation. This is less than the time
   * that the response may take. So a query that takes too long gets a response that says so, and
   * does not look like an Elasticsearch that does not respond.
   */
  private final String timeout;

  private final IndexWriter live;
  private final Documents documents;
  private final Circuit circuit = new Circuit(PAUSE, System::nanoTime);
  private final AtomicReference<@Nullable Known> known = new AtomicReference<>();

  private ElasticsearchIndex(Settings settings, TimeOrderedIds ids, Connection connection) {
    this.settings = settings;
    this.ids = ids;
    this.connection = connection;
    this.alias = settings.prefix() + "-" + VERSION + "-" + Words.fingerprint().substring(0, 8);
    this.timeout = settings.answering().toMillis() * 3 / 5 + "ms";
    this.live = new IndexWriter(connection, alias);
    this.documents = new Documents(connection, live);
  }

  /**
   * Opens the index. This makes no call to Elasticsearch, so Elasticsearch need not be available.
   *
   * @param ids for the names of new indices
   */
  public static ElasticsearchIndex open(Settings settings, TimeOrderedIds ids) {
    return open(settings, ids, warnings -> false);
  }

  /**
   * Like {@link #open(Settings, TimeOrderedIds)}.
   *
   * @param refuseWarnings as in {@link Connection}
   */
  static ElasticsearchIndex open(
      Settings settings, TimeOrderedIds ids, Predicate<List<String>> refuseWarnings) {
    return new ElasticsearchIndex(settings, ids, new Connection(settings, refuseWarnings));
  }

  @Override
  public Proposals propose(
      ChatId chat, SearchQuery query, SearchFilter filter, Window<Instant> window, int limit) {
    int size = Math.min(limit, MAX_PROPOSALS);
    SortOrder order = window instanceof Window.After<Instant> ? SortOrder.Asc : SortOrder.Desc;
    Found found =
        search(s ->
            s.routing(chat.toString())
                .size(size)
                .sort(o -> o.field(f -> f.field(IndexedMessage.CREATED_AT).order(order)))
                .query(QueryTranslator.query(chat, query, filter, window)));
    List<Proposal> proposals = found.hits().stream().map(ElasticsearchIndex::proposal).toList();
    return new Proposals(found.in().upTo(), proposals, proposals.size() == size);
  }

  private static Proposal proposal(Hit<Void> hit) {
    MessageKey key = key(hit);
    return new Proposal(key.id(), key.createdAt());
  }

  @Override
  public LogPosition searchedUpTo() {
    Known last = known.get();
    return last == null ? guarded(() -> known().upTo()) : last.generation().upTo();
  }

  @Override
  public InstanceProposals proposeInInstance(
      TenantInstance instance,
      SearchQuery query,
      SearchFilter filter,
      Window<MessageKey> window,
      int limit) {
    int size = Math.min(limit, MAX_PROPOSALS);
    SortOrder order = window instanceof Window.After<MessageKey> ? SortOrder.Asc : SortOrder.Desc;
    Found found =
        search(s -> {
          s.size(size)
              .sort(
                  List.of(
                      QueryTranslator.by(IndexedMessage.CREATED_AT, order),
                      QueryTranslator.by(IndexedMessage.EXTERNAL_ID, order)))
              .query(QueryTranslator.query(instance, query, filter));
          switch (window) {
            case Window.Newest<MessageKey>() -> {}
            case Window.Before<MessageKey>(MessageKey border) ->
                s.searchAfter(QueryTranslator.sortValues(border));
            case Window.After<MessageKey>(MessageKey border) ->
                s.searchAfter(QueryTranslator.sortValues(border));
          }
          return s;
        });
    List<InstanceProposal> proposals =
        found.hits().stream().map(ElasticsearchIndex::instanceProposal).toList();
    return new InstanceProposals(found.in().upTo(), proposals, proposals.size() == size);
  }

  private static InstanceProposal instanceProposal(Hit<Void> hit) {
    ChatId chat =
        ChatId.parse(Objects.requireNonNullElse(hit.routing(), ""))
            .orElseThrow(ElasticsearchIndex::noMessage);
    return new InstanceProposal(chat, key(hit));
  }

  private static MessageKey key(Hit<Void> hit) {
    ExternalId id =
        ExternalId.parse(Objects.requireNonNullElse(hit.id(), ""))
            .orElseThrow(ElasticsearchIndex::noMessage);
    if (hit.sort().isEmpty() || !hit.sort().getFirst().isLong()) {
      throw noMessage();
    }
    return new MessageKey(Instant.ofEpochMilli(hit.sort().getFirst().longValue()), id);
  }

  private static Unavailable noMessage() {
    return new Unavailable("The index contains a document that is not a message", RETRY_AFTER);
  }

  /** What a search found, and the index that it was found in. */
  private record Found(Generation in, List<Hit<Void>> hits) {}

  private Found search(UnaryOperator<SearchRequest.Builder> what) {
    return guarded(() -> {
      Generation generation = known();
      SearchResponse<Void> response = searchIn(generation, what);
      if (response == null) {
        // Perhaps another index took its place a moment ago.
        String gone = generation.name();
        forget(generation);
        generation = known();
        response = generation.name().equals(gone) ? null : searchIn(generation, what);
      }
      if (response == null) {
        forget(generation);
        throw IndexWriter.indexUnavailable();
      }
      if (response.timedOut()) {
        throw new QueryRefused("A query took Elasticsearch too long", RETRY_AFTER);
      }
      if (response.shards().failed().intValue() > 0) {
        throw new Unavailable("Elasticsearch returned only part of the results", RETRY_AFTER);
      }
      return new Found(generation, response.hits().hits());
    });
  }

  /** Fails at once if Elasticsearch failed a moment ago, and remembers whether it works. */
  private <T> T guarded(Supplier<T> call) {
    if (!circuit.letsThrough()) {
      throw new Unavailable("Elasticsearch failed a moment ago", RETRY_AFTER);
    }
    try {
      T result = call.get();
      circuit.worked();
      return result;
    } catch (Unavailable unavailable) {
      circuit.failed();
      throw unavailable;
    }
  }

  /** Returns null if the index does not exist any more, or cannot be searched. */
  private @Nullable SearchResponse<Void> searchIn(
      Generation generation, UnaryOperator<SearchRequest.Builder> what) {
    return connection.callUnless(
        GONE,
        client ->
            client.search(
                s ->
                    what.apply(s)
                        .index(generation.name())
                        .timeout(timeout)
                        .allowPartialSearchResults(false)
                        .trackTotalHits(t -> t.enabled(false))
                        .source(source -> source.fetch(false)),
                Void.class));
  }

  @Override
  public LogPosition indexedUpTo() {
    Generation generation = live.read();
    if (generation == null) {
      known.set(null);
      create();
      generation = live.readExisting();
    }
    remember(generation);
    circuit.worked();
    return generation.upTo();
  }

  @Override
  public void index(LogPosition after, List<Message> messages, LogPosition upTo) {
    Known before = known.get();
    Generation generation =
        before != null && before.generation().upTo().compareTo(after) >= 0
            ? before.generation()
            : live.readReaching(after);
    remember(live.index(generation, after, messages, upTo));
    circuit.worked();
  }

  /**
   * The index and watermark that searches use. They were read at most a second ago, unless another
   * thread is reading them right now.
   */
  private Generation known() {
    Known last = known.get();
    if (last == null) {
      return remember(readForSearch());
    }
    long now = System.nanoTime();
    if (now - last.readAt() < WATERMARK_AGE.toNanos()
        || !known.compareAndSet(last, new Known(last.generation(), now))) {
      return last.generation();
    }
    return remember(readForSearch());
  }

  private Generation readForSearch() {
    Generation generation = live.readForSearch();
    if (generation == null) {
      throw IndexWriter.indexUnavailable();
    }
    return generation;
  }

  private Generation remember(Generation generation) {
    known.set(new Known(generation, System.nanoTime()));
    return generation;
  }

  private void forget(Generation generation) {
    known.updateAndGet(
        last -> last != null && last.generation().name().equals(generation.name()) ? null : last);
  }

  /** Creates an index under the alias, unless there is one by now. */
  private void create() {
    NewIndex index = newIndex();
    try {
      index.createWith(connection, alias, a -> a.isWriteIndex(true));
    } catch (Unavailable failed) {
      // Perhaps another node was first. Elasticsearch has no status of its own for that.
      if (live.read() == null) {
        throw failed;
      }
    }
  }

  private NewIndex newIndex() {
    return new NewIndex(
        alias + "-" + ids.next().toString().replace("-", ""),
        "messages-" + VERSION + ".json",
        settings.shards(),
        settings.replicas());
  }

  /** The documents of the index that is searched. */
  public IndexDocuments documents() {
    return documents;
  }

  /**
   * Creates an empty index beside the one that is searched, with the shards and replicas of the
   * settings. Also removes what earlier rebuilds left behind.
   *
   * @throws Unavailable if Elasticsearch is unavailable
   */
  public IndexRebuild beginRebuild() {
    return ElasticsearchRebuild.begin(connection, alias, newIndex());
  }

  /**
   * Lets searches use fewer and larger segments. Elasticsearch merges small segments some time
   * after they were written, and searches see that at the next refresh. So somebody should call
   * this once nothing has been indexed for a moment.
   *
   * @throws Unavailable if Elasticsearch is unavailable
   */
  public void refresh() {
    live.refresh(live.readExisting());
  }

  /**
   * The indices of other versions.
   *
   * @param unfollowed how long nobody must have followed one before it is deleted
   */
  public OldIndices oldIndices(Duration unfollowed) {
    return oldIndices(unfollowed, System::nanoTime);
  }

  /** Like {@link #oldIndices(Duration)}, with another clock. */
  OldIndices oldIndices(Duration unfollowed, LongSupplier nanoTime) {
    return new OldIndices(connection, settings.prefix(), alias, unfollowed, nanoTime);
  }

  /** Closes the connections. */
  @Override
  public void close() {
    connection.close();
  }
}
