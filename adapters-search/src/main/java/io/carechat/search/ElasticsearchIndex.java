package io.carechat.search;

import co.elastic.clients.elasticsearch._types.OpType;
import co.elastic.clients.elasticsearch._types.SortOrder;
import co.elastic.clients.elasticsearch.core.BulkResponse;
import co.elastic.clients.elasticsearch.core.GetResponse;
import co.elastic.clients.elasticsearch.core.IndexResponse;
import co.elastic.clients.elasticsearch.core.SearchResponse;
import co.elastic.clients.elasticsearch.core.bulk.BulkOperation;
import co.elastic.clients.elasticsearch.core.search.Hit;
import co.elastic.clients.elasticsearch.indices.CreateIndexRequest;
import co.elastic.clients.elasticsearch.indices.IndexSettings;
import co.elastic.clients.elasticsearch.indices.RefreshResponse;
import co.elastic.clients.util.BinaryData;
import io.carechat.domain.ChatId;
import io.carechat.domain.ExternalId;
import io.carechat.domain.LogPosition;
import io.carechat.domain.Message;
import io.carechat.domain.MessageIndex;
import io.carechat.domain.SearchFilter;
import io.carechat.domain.SearchQuery;
import io.carechat.domain.Secret;
import io.carechat.domain.TimeOrderedIds;
import io.carechat.domain.Unavailable;
import io.carechat.domain.Window;
import java.io.InputStream;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The index in Elasticsearch. It holds a document per message with the words that {@link
 * io.carechat.domain.Words} makes of it, and never the text; Elasticsearch analyses nothing itself,
 * so that it cannot disagree with the domain about what a word is.
 *
 * <p><b>How it never answers as if it were complete when it is not.</b> The watermark, up to where
 * the log is indexed, is a document of the same index as the messages, written after they have
 * become visible: whatever loses the messages loses it too. Every index has a name that no other
 * ever had; the alias only leads to it. A search reads the watermark first and then addresses the
 * index of that name, not the alias: if its data were deleted, or another index took its place in
 * the meantime, the answer is 404, and so {@link Unavailable}, never "nothing found". Likewise,
 * what is indexed goes to the very index whose watermark says that everything before is there; and
 * the watermark is only moved forward, on the condition that it is still the one that was read.
 *
 * <p>A search may know a watermark that has since moved on; then {@link
 * io.carechat.domain.ChatSearch} reads a little more from the log than it must. It is read again
 * after a second, because another node may be the one that follows the log.
 *
 * <p>Where there is no index, {@link #indexedUpTo} creates one. When two nodes do so at once, one
 * gets it: an alias can have but one write index, and Elasticsearch refuses to create the second.
 *
 * <p>Elasticsearch may be away when this is opened, and at any time later. After a failure,
 * searches fail at once for a second instead of waiting for the same time-out each.
 */
public final class ElasticsearchIndex implements MessageIndex, AutoCloseable {
  /**
   * Of the mappings in {@code messages-v1.json}, and of {@link io.carechat.domain.Words}: a change
   * of either needs another, under which the service fills an index of its own from the start.
   */
  private static final String VERSION = "v1";

  /** As many as Elasticsearch returns without being configured for more. */
  private static final int MAX_PROPOSALS = 10_000;

  /** The documents in one request; what comes with them is little beside. */
  private static final int BULK_BYTES = 5_000_000;

  private static final Duration WATERMARK_AGE = Duration.ofSeconds(1);
  private static final Duration PAUSE = Duration.ofSeconds(1);
  private static final Duration RETRY_AFTER = Duration.ofSeconds(2);
  private static final int NOT_FOUND = 404;
  private static final int CONFLICT = 409;

  /** How to prove who we are. */
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
   * @param login null where none is needed
   * @param connecting how long a connection may take
   * @param answering how long an answer to a search may take, or a connection to become free
   * @param indexing how long an answer may take that a search does not wait for
   * @param connections how many are used at once, at most
   * @param shards how many an index is created with; a chat is in one of them
   * @param replicas how many copies of each shard a new index has besides the first
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
     * @throws IllegalArgumentException if the address or the prefix is not of the form, a time or
     *     the connections or the shards are not positive, or the replicas are negative
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
            "There must be 1 connection and 1 shard at least, and no fewer replicas than none");
      }
    }

    /** With 2 s to connect, 5 s to answer, 30 s to index, 64 connections, 1 shard, no replica. */
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

    /** The same with other waiting times. */
    public Settings waiting(Duration connecting, Duration answering, Duration indexing) {
      return new Settings(
          url, prefix, login, connecting, answering, indexing, connections, shards, replicas);
    }
  }

  /**
   * An index, and the watermark in it as it was once read or written. That remains true for as long
   * as the index exists, even when the watermark has moved on.
   *
   * @param seqNo of the watermark's document, with {@code primaryTerm} to tell whether it is still
   *     the same; null if there was none
   */
  private record Generation(
      String name, LogPosition upTo, @Nullable Long seqNo, @Nullable Long primaryTerm) {
    /**
     * The alias that belongs to this index alone. A write that insists on an alias is refused where
     * there is none; to an index by its own name, it would create it anew, empty.
     */
    String writingAlias() {
      return writingAliasOf(name);
    }

    static String writingAliasOf(String name) {
      return name + "-writing";
    }
  }

  private record Known(Generation generation, long readAt) {}

  private final Connection connection;
  private final Settings settings;
  private final TimeOrderedIds ids;
  private final String alias;
  private final Circuit circuit = new Circuit(PAUSE, System::nanoTime);
  private final AtomicReference<@Nullable Known> known = new AtomicReference<>();

  private ElasticsearchIndex(Settings settings, TimeOrderedIds ids, Connection connection) {
    this.settings = settings;
    this.ids = ids;
    this.connection = connection;
    this.alias = settings.prefix() + "-" + VERSION;
  }

  /**
   * Opens the index, without a call to Elasticsearch: it need not be there.
   *
   * @param ids for the names of new indices
   */
  public static ElasticsearchIndex open(Settings settings, TimeOrderedIds ids) {
    return open(settings, ids, warnings -> false);
  }

  /**
   * As the other.
   *
   * @param refuseWarnings as {@link Connection} has it
   */
  static ElasticsearchIndex open(
      Settings settings, TimeOrderedIds ids, Predicate<List<String>> refuseWarnings) {
    return new ElasticsearchIndex(settings, ids, new Connection(settings, refuseWarnings));
  }

  @Override
  public Proposals propose(
      ChatId chat, SearchQuery query, SearchFilter filter, Window window, int limit) {
    if (!circuit.letsThrough()) {
      throw new Unavailable("Elasticsearch failed a moment ago", RETRY_AFTER);
    }
    try {
      Proposals proposals = proposeFrom(known(), chat, query, filter, window, limit);
      circuit.worked();
      return proposals;
    } catch (Unavailable away) {
      circuit.failed();
      throw away;
    }
  }

  private Proposals proposeFrom(
      Generation generation,
      ChatId chat,
      SearchQuery query,
      SearchFilter filter,
      Window window,
      int limit) {
    int size = Math.min(limit, MAX_PROPOSALS);
    SortOrder order = window instanceof Window.After ? SortOrder.Asc : SortOrder.Desc;
    SearchResponse<Void> response =
        connection.callUnless(
            NOT_FOUND,
            client ->
                client.search(
                    s ->
                        s.index(generation.name())
                            .routing(chat.toString())
                            .allowPartialSearchResults(false)
                            .trackTotalHits(t -> t.enabled(false))
                            .source(source -> source.fetch(false))
                            .size(size)
                            .sort(
                                o -> o.field(f -> f.field(IndexedMessage.CREATED_AT).order(order)))
                            .query(Proposing.query(chat, query, filter, window)),
                    Void.class));
    if (response == null) {
      forget(generation);
      throw indexAway();
    }
    if (response.timedOut() || response.shards().failed().intValue() > 0) {
      throw new Unavailable("Elasticsearch answered in part", RETRY_AFTER);
    }
    List<Proposal> proposals =
        response.hits().hits().stream().map(ElasticsearchIndex::proposal).toList();
    return new Proposals(generation.upTo(), proposals, proposals.size() == size);
  }

  private static Proposal proposal(Hit<Void> hit) {
    Optional<ExternalId> id = ExternalId.parse(Objects.requireNonNullElse(hit.id(), ""));
    if (id.isEmpty() || hit.sort().isEmpty() || !hit.sort().getFirst().isLong()) {
      throw new Unavailable("The index has a document that is no message", RETRY_AFTER);
    }
    return new Proposal(id.get(), Instant.ofEpochMilli(hit.sort().getFirst().longValue()));
  }

  @Override
  public LogPosition indexedUpTo() {
    Generation generation = read();
    if (generation == null) {
      create();
      generation = readExisting();
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
            : readReaching(after);
    addAll(generation, messages);
    moveWatermark(generation, after, upTo);
    circuit.worked();
  }

  private void addAll(Generation generation, List<Message> messages) {
    var lot = new ArrayList<BulkOperation>();
    long bytes = 0;
    for (Message message : messages) {
      BinaryData document = connection.json(IndexedMessage.of(message));
      if (!lot.isEmpty() && bytes + document.size() > BULK_BYTES) {
        add(generation, lot);
        lot.clear();
        bytes = 0;
      }
      lot.add(
          BulkOperation.of(o ->
              o.index(i ->
                  i.id(message.externalId().toString())
                      .routing(message.chat().toString())
                      .document(document))));
      bytes += document.size();
    }
    if (lot.isEmpty()) {
      return;
    }
    add(generation, lot);
    RefreshResponse refreshed =
        connection.callPatientlyUnless(
            NOT_FOUND, client -> client.indices().refresh(r -> r.index(generation.name())));
    if (refreshed == null) {
      throw indexAway();
    }
    if (refreshed.shards() == null || refreshed.shards().failed().intValue() > 0) {
      throw new Unavailable("Elasticsearch did not refresh every shard", RETRY_AFTER);
    }
  }

  private void add(Generation generation, List<BulkOperation> lot) {
    BulkResponse response =
        connection.callPatientlyUnless(
            NOT_FOUND,
            client ->
                client.bulk(b ->
                    b.index(generation.writingAlias())
                        .requireAlias(true)
                        .includeSourceOnError(false)
                        .operations(lot)));
    if (response == null) {
      throw indexAway();
    }
    if (response.errors()) {
      // Only the kind: the reason may quote the words.
      String kinds =
          response.items().stream()
              .filter(item -> item.error() != null)
              .map(item -> item.status() + " " + item.error().type())
              .distinct()
              .limit(5)
              .reduce((one, other) -> one + ", " + other)
              .orElse("no reason given");
      throw new Unavailable("Elasticsearch did not index every message: " + kinds, RETRY_AFTER);
    }
  }

  private void moveWatermark(Generation from, LogPosition after, LogPosition upTo) {
    Generation generation = from;
    while (generation.upTo().compareTo(upTo) < 0) {
      IndexResponse response = write(generation, upTo);
      if (response != null) {
        remember(new Generation(generation.name(), upTo, response.seqNo(), response.primaryTerm()));
        return;
      }
      // Another follower was faster. Its watermark may be further than ours, or not.
      generation = readReaching(after);
      if (!generation.name().equals(from.name())) {
        throw indexAway();
      }
    }
  }

  /** Null if the watermark is not the one that was read any more. */
  private @Nullable IndexResponse write(Generation generation, LogPosition upTo) {
    return connection.callPatientlyUnless(
        CONFLICT,
        client ->
            client.index(i -> {
              i.index(generation.writingAlias())
                  .requireAlias(true)
                  .id(Watermark.ID)
                  .routing(Watermark.ID)
                  .document(new Watermark(upTo));
              return generation.seqNo() == null
                  ? i.opType(OpType.Create)
                  : i.ifSeqNo(generation.seqNo()).ifPrimaryTerm(generation.primaryTerm());
            }));
  }

  /** What a search goes by: read a second ago at most, unless somebody is just reading it. */
  private Generation known() {
    Known last = known.get();
    if (last == null) {
      return remember(readExisting());
    }
    long now = System.nanoTime();
    if (now - last.readAt() < WATERMARK_AGE.toNanos()
        || !known.compareAndSet(last, new Known(last.generation(), now))) {
      return last.generation();
    }
    return remember(readExisting());
  }

  private Generation remember(Generation generation) {
    known.set(new Known(generation, System.nanoTime()));
    return generation;
  }

  private void forget(Generation generation) {
    known.updateAndGet(
        last -> last != null && last.generation().name().equals(generation.name()) ? null : last);
  }

  private Generation readReaching(LogPosition after) {
    Generation generation = readExisting();
    if (generation.upTo().compareTo(after) < 0) {
      throw new Unavailable("The index does not reach as far as its follower knew", RETRY_AFTER);
    }
    return generation;
  }

  private Generation readExisting() {
    Generation generation = read();
    if (generation == null) {
      throw indexAway();
    }
    return generation;
  }

  /**
   * The index that the alias leads to; null if there is none. One call gives both its name and its
   * watermark, and does not wait for a refresh.
   */
  private @Nullable Generation read() {
    GetResponse<Watermark> response =
        connection.callUnless(
            NOT_FOUND,
            client ->
                client.get(
                    g -> g.index(alias).id(Watermark.ID).routing(Watermark.ID), Watermark.class));
    if (response == null) {
      known.set(null);
      return null;
    }
    Watermark watermark = response.source();
    return watermark == null
        ? new Generation(response.index(), LogPosition.START, null, null)
        : new Generation(
            response.index(), watermark.upTo(), response.seqNo(), response.primaryTerm());
  }

  /** Creates an index under the alias, unless there is one by now. */
  private void create() {
    String name = alias + "-" + ids.next().toString().replace("-", "");
    try {
      connection.callPatientlyUnless(CONFLICT, client -> client.indices().create(creation(name)));
    } catch (Unavailable failed) {
      // Perhaps because another node was first, for which Elasticsearch has no status of its own.
      if (read() == null) {
        throw failed;
      }
    }
  }

  private CreateIndexRequest creation(String name) {
    CreateIndexRequest file = CreateIndexRequest.of(c -> c.index(name).withJson(mappings()));
    IndexSettings fromFile = Objects.requireNonNull(file.settings());
    return file.rebuild()
        .settings(
            fromFile
                .rebuild()
                .numberOfShards(Integer.toString(settings.shards()))
                .numberOfReplicas(Integer.toString(settings.replicas()))
                .build())
        .aliases(alias, a -> a.isWriteIndex(true))
        .aliases(Generation.writingAliasOf(name), a -> a)
        .build();
  }

  private static InputStream mappings() {
    return Objects.requireNonNull(
        ElasticsearchIndex.class.getResourceAsStream("messages-" + VERSION + ".json"));
  }

  private static Unavailable indexAway() {
    return new Unavailable("The index is not there", RETRY_AFTER);
  }

  /** Ends the connections. */
  @Override
  public void close() {
    connection.close();
  }
}
