package io.carechat.search;

import io.carechat.domain.TimeOrderedIds;
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

/** The Elasticsearch of these tests, looked at without the client under test. */
final class Elasticsearch {
  static final TimeOrderedIds IDS = new TimeOrderedIds(InstantSource.system(), new SecureRandom());

  private static final HttpClient HTTP = HttpClient.newHttpClient();

  private Elasticsearch() {}

  /** Settings for an index that no other test has. */
  static Settings newSettings() {
    return Settings.of(SharedServices.elasticsearch().url(), "t" + UUID.randomUUID());
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
