package io.carechat.local.node;

import io.carechat.local.LocalElasticsearch;
import java.io.IOException;
import java.nio.file.Path;

/**
 * A program that starts an Elasticsearch, says where, and stays until it is killed or its input
 * ends.
 */
final class ElasticsearchLauncher {
  private ElasticsearchLauncher() {}

  public static void main(String[] arguments) throws IOException {
    try (LocalElasticsearch elasticsearch =
        LocalElasticsearch.start(Path.of(arguments[0]), line -> {})) {
      System.out.println(elasticsearch.pid());
      while (System.in.read() >= 0) {
        // Only the end matters.
      }
    }
  }
}
