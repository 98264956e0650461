package io.carechat.search;

import static io.carechat.domain.chat.Samples.newChat;
import static io.carechat.domain.search.index.MessageIndexContract.NEWEST;
import static io.carechat.domain.search.index.MessageIndexContract.next;
import static io.carechat.domain.search.index.MessageIndexContract.wounds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.carechat.domain.chat.ChatId;
import io.carechat.domain.chat.Samples;
import io.carechat.domain.chat.Unavailable;
import io.carechat.domain.events.LogPosition;
import io.carechat.domain.search.index.MessageIndex.Proposals;
import io.carechat.domain.search.index.QueryRefused;
import io.carechat.domain.search.query.SearchQuery;
import io.carechat.local.LocalElasticsearch;
import io.carechat.search.ElasticsearchIndex.Settings;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One query that Elasticsearch itself refuses, beside those of others. */
final class ElasticsearchRefusalTest {
  /** Enough for a word as it is typed, and too little for similar words. */
  private static final String LITTLE = "\"150kb\"";

  private final ChatId chat = newChat();

  private Proposals propose(ElasticsearchIndex index, String query) {
    return index.propose(chat, SearchQuery.parse(query), Samples.ALL_MESSAGES, NEWEST, 100);
  }

  private static void limitMemory(Settings settings, String limit) {
    assertThat(
            Elasticsearch.send(
                    settings.url(),
                    "PUT",
                    "/_cluster/settings",
                    "{\"persistent\":{\"indices.breaker.request.limit\":" + limit + "}}")
                .statusCode())
        .isEqualTo(200);
  }

  @Test
  void leavesTheQueriesOfOthersAloneUntilElasticsearchIsGone(@TempDir Path folder)
      throws Exception {
    try (LocalElasticsearch server = LocalElasticsearch.start(folder, line -> {})) {
      Settings settings = Settings.of(server.url(), "refusals");
      try (var index = ElasticsearchIndex.open(settings, Elasticsearch.IDS)) {
        LogPosition start = index.indexedUpTo();
        index.index(start, wounds(chat, 3), next(start));

        limitMemory(settings, LITTLE);
        for (int i = 0; i < 10; i++) {
          assertThatExceptionOfType(QueryRefused.class)
              .isThrownBy(() -> propose(index, "woond"))
              .withMessageContaining("429");
          assertThat(propose(index, "\"the wound\"").nearestFirst()).hasSize(3);
        }
        limitMemory(settings, "null");
        assertThat(propose(index, "woond").nearestFirst()).hasSize(3);

        ProcessHandle process = ProcessHandle.of(server.pid()).orElseThrow();
        process.destroyForcibly();
        ProcessHandle _ = process.onExit().get(60, TimeUnit.SECONDS);
        assertThatExceptionOfType(Unavailable.class).isThrownBy(() -> propose(index, "wound"));
        assertThatExceptionOfType(Unavailable.class)
            .isThrownBy(() -> propose(index, "wound"))
            .withMessageContaining("a moment ago");
      }
    }
  }

  /**
   * The most expensive queries that there are need a small part of a small heap. Before there were
   * bounds, 83 words of five letters needed 22 MB, and 8 words of 55 Korean letters 54 MB.
   */
  @Test
  void needsLittleMemoryForAnyQuery() {
    Settings settings = Elasticsearch.newSettings();
    try (var index = Elasticsearch.open(settings)) {
      LogPosition start = index.indexedUpTo();
      index.index(start, wounds(chat, 3), next(start));
      limitMemory(settings, "\"8mb\"");

      for (String query :
          new String[] {
            words(83, 5, 'a', 26),
            words(49, 9, 'a', 26),
            words(16, 30, 'a', 26),
            words(16, 30, 0x430, 32),
            words(16, 30, 0xAC00, 11_000),
            words(16, 30, 0x10428, 40),
            words(250, 1, 'a', 26),
            words(166, 1, 'a', 26).replace(" ", "* "),
            words(125, 2, 'a', 26).replace(" ", "* "),
            ("-" + words(125, 2, 'a', 26).replace(" ", "* -")).substring(0, 498),
            words(250, 1, 'a', 26).replaceAll("(.) (.) ", "$1-$2 "),
            "\"" + words(249, 1, 'a', 26)
          }) {
        // Only the query that has nothing but exclusions finds the messages.
        assertThat(propose(index, query).nearestFirst())
            .as(query)
            .hasSize(query.startsWith("-") ? 3 : 0);
      }
    } finally {
      limitMemory(settings, "null");
      Elasticsearch.delete(settings);
    }
  }

  private static String words(int count, int length, int first, int letters) {
    var random = new Random(length);
    return IntStream.range(0, count)
        .mapToObj(i ->
            random
                .ints(length, first, first + letters)
                .mapToObj(Character::toString)
                .collect(Collectors.joining()))
        .collect(Collectors.joining(" "));
  }
}
