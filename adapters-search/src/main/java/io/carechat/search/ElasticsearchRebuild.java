package io.carechat.search;

import co.elastic.clients.elasticsearch.indices.GetAliasResponse;
import co.elastic.clients.elasticsearch.indices.update_aliases.Action;
import io.carechat.domain.chat.Message;
import io.carechat.domain.chat.Unavailable;
import io.carechat.domain.events.LogPosition;
import io.carechat.domain.search.index.IndexRebuild;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * A new index that is being filled, and that will get the alias when it is complete.
 *
 * <p>While it is filled, it has the alias {@code …-unfinished}. Two changes remove this alias: the
 * one that makes the index the searched one, and the one that marks it for deletion. Each of them
 * is a single step, and Elasticsearch refuses it if the alias is missing. So whatever happens at
 * the same time, an index that is searched is never deleted as a leftover, and an index that is
 * marked for deletion is never searched. An index with the alias {@code …-discarded} is deleted by
 * the next rebuild that finds it.
 */
final class ElasticsearchRebuild implements IndexRebuild {
  private static final int NOT_FOUND = 404;
  private static final int ATTEMPTS = 5;

  private final Connection connection;
  private final String alias;
  private final String name;
  private final IndexWriter writing;
  private final IndexWriter live;

  private ElasticsearchRebuild(Connection connection, String alias, String name) {
    this.connection = connection;
    this.alias = alias;
    this.name = name;
    this.writing = new IndexWriter(connection, name);
    this.live = new IndexWriter(connection, alias);
  }

  /** Removes what other rebuilds left behind, and creates the index. */
  static ElasticsearchRebuild begin(Connection connection, String alias, NewIndex index) {
    var rebuild = new ElasticsearchRebuild(connection, alias, index.name());
    rebuild.indicesOf(rebuild.unfinished()).forEach(rebuild::condemn);
    rebuild.deleteDiscarded();
    index.createWith(connection, rebuild.unfinished(), a -> a);
    return rebuild;
  }

  private String unfinished() {
    return alias + "-unfinished";
  }

  private String discarded() {
    return alias + "-discarded";
  }

  private Set<String> indicesOf(String ofAlias) {
    GetAliasResponse response =
        connection.callPatientlyUnless(
            NOT_FOUND, client -> client.indices().getAlias(a -> a.name(ofAlias)));
    return response == null ? Set.of() : response.aliases().keySet();
  }

  private void condemn(String index) {
    // 404: it has become the searched index since, or somebody else marked it for deletion.
    change(List.of(remove(index, unfinished()), add(index, discarded(), false)));
  }

  private void deleteDiscarded() {
    for (String index : indicesOf(discarded())) {
      connection.callPatientlyUnless(
          NOT_FOUND, client -> client.indices().delete(d -> d.index(index)));
    }
  }

  /** Makes all changes or none. Returns false if something was not as expected. */
  private boolean change(List<Action> actions) {
    return connection.callPatientlyUnless(
            NOT_FOUND, client -> client.indices().updateAliases(u -> u.actions(actions)))
        != null;
  }

  private static Action remove(String index, String fromAlias) {
    return Action.of(a -> a.remove(r -> r.index(index).alias(fromAlias).mustExist(true)));
  }

  private static Action add(String index, String toAlias, boolean toWriteTo) {
    return Action.of(
        a -> a.add(add -> add.index(index).alias(toAlias).isWriteIndex(toWriteTo ? true : null)));
  }

  @Override
  public LogPosition indexedUpTo() {
    return writing.readExisting().upTo();
  }

  @Override
  public void index(LogPosition after, List<Message> messages, LogPosition upTo) {
    writing.index(writing.readReaching(after), after, messages, upTo);
  }

  @Override
  public boolean isSuperseded() {
    if (indicesOf(unfinished()).contains(name)) {
      return false;
    }
    Generation searched = live.read();
    return searched == null || !searched.name().equals(name);
  }

  @Override
  public Outcome takeOver() {
    Unavailable last = IndexWriter.indexUnavailable();
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      Generation searched = live.read();
      if (searched != null && searched.name().equals(name)) {
        // This change was made, but its response was lost.
        deleteDiscarded();
        return new Outcome.TookOver();
      }
      if (!indicesOf(unfinished()).contains(name)) {
        deleteDiscarded();
        return new Outcome.Superseded();
      }
      var actions = new ArrayList<Action>();
      actions.add(remove(name, unfinished()));
      if (searched != null) {
        actions.add(remove(searched.name(), alias));
        actions.add(add(searched.name(), discarded(), false));
      }
      actions.add(add(name, alias, true));
      try {
        change(actions);
      } catch (Unavailable unknown) {
        // The change may have been made. Or another index was created under the alias, which is not
        // a 404.
        last = unknown;
      }
    }
    throw new Unavailable(
        "The new index could not replace the current one", Duration.ofSeconds(2), last);
  }
}
