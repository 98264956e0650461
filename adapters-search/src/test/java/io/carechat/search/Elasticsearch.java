package io.carechat.search;

import static org.assertj.core.api.Assertions.assertThat;

import io.carechat.domain.chat.Message;
import io.carechat.domain.chat.TimeOrderedIds;
import io.carechat.local.SharedServices;
import io.carechat.search.ElasticsearchIndex.Settings;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.List;
import java.util.UUID;
import java.util.stream.Collectors;

/** The Elasticsearch of these tests, looked at without the client under test. */
final class Elasticsearch {
  static final TimeOrderedIds IDS = new TimeOrderedIds(InstantSource.system(), new SecureRandom());

  private static final HttpClient HTTP = HttpClient.newHttpClient();

  private Elasticsearch() {}

  /** Settings for an index that no other test has. */
  static Settings newSettings() {
    return Settings.of(SharedServices.elasticsearch().url(), "t" + UUID.randomUUID());
  }

  /** As the other, with shards and replicas. */
  static Settings newSettings(int shards, int replicas) {
    Settings one = newSettings();
    return new Settings(
        one.url(),
        one.prefix(),
        null,
        one.connecting(),
        one.answering(),
        one.indexing(),
        one.connections(),
        shards,
        replicas);
  }

  /** Opens an index whose calls fail where Elasticsearch warns of anything. */
  static ElasticsearchIndex open(Settings settings) {
    return ElasticsearchIndex.open(settings, IDS, warnings -> !warnings.isEmpty());
  }

  /** The names of the indices that belong to the settings. */
  static List<String> indices(Settings settings) {
    return send(settings.url(), "GET", "/_cat/indices/" + settings.prefix() + "-*?h=index", "")
        .body()
        .lines()
        .toList();
  }

  static void delete(Settings settings) {
    indices(settings).forEach(name -> send(settings.url(), "DELETE", "/" + name, ""));
  }

  /** The one index of the settings. */
  static String index(Settings settings) {
    List<String> all = indices(settings);
    assertThat(all).hasSize(1);
    return all.getFirst();
  }

  /** Deletes the document of a message behind our backs. */
  static void deleteDocument(Settings settings, Message message) {
    ok(send(settings.url(), "DELETE", path(settings, message), ""));
  }

  /** Puts a document as we would make it of a message, behind our backs. */
  static void putDocument(Settings settings, Message message) {
    IndexedMessage document = IndexedMessage.of(message);
    ok(
        send(
            settings.url(),
            "PUT",
            path(settings, message),
            """
            {"chat":"%s","tenant":"%s","instance":"%s","createdAt":%d,"externalId":"%s",
             "clientType":"%s","words":[%s],"digest":%d}\
            """
                .formatted(
                    document.chat(),
                    document.tenant(),
                    document.instance(),
                    document.createdAt(),
                    document.externalId(),
                    document.clientType(),
                    document.words().stream()
                        .map(word -> '"' + word + '"')
                        .collect(Collectors.joining(",")),
                    document.digest())));
  }

  /** Puts a document that is of no message. */
  static void putStray(Settings settings) {
    ok(
        send(
            settings.url(),
            "PUT",
            "/" + index(settings) + "/_doc/stray?routing=nowhere&refresh=true",
            "{\"words\":\"stray wound\"}"));
  }

  private static String path(Settings settings, Message message) {
    return "/"
        + index(settings)
        + "/_doc/"
        + message.externalId()
        + "?refresh=true&routing="
        + message.chat();
  }

  private static void ok(HttpResponse<String> response) {
    assertThat(response.statusCode()).as(response.body()).isBetween(200, 299);
  }

  static HttpResponse<String> send(URI url, String method, String path, String json) {
    try {
      return HTTP.send(
          HttpRequest.newBuilder(url.resolve(path))
              .method(method, BodyPublishers.ofString(json))
              .header("Content-Type", "application/json")
              .build(),
          BodyHandlers.ofString());
    } catch (IOException e) {
      throw new AssertionError(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }
}
