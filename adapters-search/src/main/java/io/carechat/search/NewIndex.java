package io.carechat.search;

import co.elastic.clients.elasticsearch.indices.Alias;
import co.elastic.clients.elasticsearch.indices.CreateIndexRequest;
import co.elastic.clients.elasticsearch.indices.IndexSettings;
import co.elastic.clients.json.JsonData;
import co.elastic.clients.util.ObjectBuilder;
import io.carechat.domain.chat.Unavailable;
import io.carechat.domain.search.query.Words;
import java.io.InputStream;
import java.util.Objects;
import java.util.function.Function;

/**
 * An index that does not exist yet.
 *
 * @param name a name that no other index ever had
 * @param file the file with its mappings and settings
 */
record NewIndex(String name, String file, int shards, int replicas) {
  private static final int CONFLICT = 409;

  /**
   * Creates it with this alias, and with the alias that writes use.
   *
   * @throws Unavailable if Elasticsearch is unavailable, or refuses
   */
  void createWith(
      Connection connection, String alias, Function<Alias.Builder, ObjectBuilder<Alias>> how) {
    connection.callPatientlyUnless(
        CONFLICT, client -> client.indices().create(request(alias, how)));
  }

  private CreateIndexRequest request(
      String alias, Function<Alias.Builder, ObjectBuilder<Alias>> how) {
    InputStream json =
        Objects.requireNonNull(NewIndex.class.getResourceAsStream(file), "the index's file");
    CreateIndexRequest fromFile = CreateIndexRequest.of(c -> c.index(name).withJson(json));
    IndexSettings settings = Objects.requireNonNull(fromFile.settings());
    return fromFile
        .rebuild()
        .settings(
            settings
                .rebuild()
                .numberOfShards(Integer.toString(shards))
                .numberOfReplicas(Integer.toString(replicas))
                .build())
        .mappings(m ->
            Objects.requireNonNull(fromFile.mappings())
                .rebuild()
                .meta("analysis", JsonData.of(Words.VERSION + " " + Words.fingerprint())))
        .aliases(alias, how)
        .aliases(Generation.writingAliasOf(name), a -> a)
        .build();
  }
}
