package io.carechat.local.node;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.elasticsearch.common.logging.LogConfigurator;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.env.Environment;
import org.elasticsearch.node.InternalSettingsPreparer;
import org.elasticsearch.node.Node;
import org.elasticsearch.node.NodeValidationException;
import org.elasticsearch.plugins.PluginsLoader;

/**
 * Runs one Elasticsearch node on loopback until standard input ends.
 *
 * <p>The arguments are the folder of the data, the folder of this program (with {@code modules/}),
 * and the HTTP port, where 0 means a free one. The node writes the address that it listens on to
 * {@code logs/http.ports} in the folder of the data. The parent process holds the other end of
 * standard input. So the node ends when the parent ends in any way, even by {@code kill -9}.
 *
 * <p>Elasticsearch's own {@code main} is not used. It forks, checks for root, and confines plugins.
 * It also needs files that are published only in the whole distribution.
 */
public final class ElasticsearchNode {
  private static final String NODE_NAME = "local";
  private static final Duration CLOSING = Duration.ofSeconds(20);

  private ElasticsearchNode() {}

  /** Runs the node. Returns after the node has closed in order. */
  public static void main(String[] arguments)
      throws IOException, InterruptedException, NodeValidationException {
    if (arguments.length != 3) {
      throw new IllegalArgumentException("arguments: DATA_FOLDER PROGRAM_FOLDER HTTP_PORT");
    }
    Settings settings = settings(Path.of(arguments[0]), arguments[2]);
    LogConfigurator.setNodeName(NODE_NAME);
    LogConfigurator.configureWithoutConfig(settings);
    Path config = Files.createDirectories(Path.of(arguments[0], "config"));
    Environment environment =
        InternalSettingsPreparer.prepareEnvironment(settings, Map.of(), config, () -> NODE_NAME);
    Files.createDirectories(environment.logsDir());
    PluginsLoader plugins =
        PluginsLoader.createPluginsLoader(
            PluginsLoader.loadModulesBundles(Path.of(arguments[1], "modules"), false),
            Set.of(),
            Map.of(),
            false);
    Node node = new Node(environment, plugins);
    node.start();
    // All threads of the node are daemons, so the node lives only as long as this thread waits.
    awaitEnd(System.in);
    haltAfter(CLOSING);
    node.prepareForClose();
    node.close();
    node.awaitClose(CLOSING.toSeconds(), TimeUnit.SECONDS);
  }

  private static Settings settings(Path folder, String port) {
    return Settings.builder()
        .put("path.home", folder.toString())
        .put("path.data", folder.resolve("data").toString())
        .put("path.logs", folder.resolve("logs").toString())
        .put("path.repo", folder.resolve("repo").toString())
        .put("cluster.name", "carechat-local")
        .put("node.name", NODE_NAME)
        .put("node.portsfile", true)
        .put("discovery.type", "single-node")
        .put("network.host", "127.0.0.1")
        .put("http.port", port)
        .put("transport.port", "0")
        // A laptop's disk is often fuller than the watermarks allow, and data cannot be moved to
        // another node.
        .put("cluster.routing.allocation.disk.threshold_enabled", false)
        .build();
  }

  private static void awaitEnd(InputStream input) throws IOException {
    byte[] ignored = new byte[256];
    while (input.read(ignored) >= 0) {
      // The parent never sends anything. Only the end of the stream matters.
    }
  }

  /** Ends a node that hangs while it closes: there may be nobody left to end it. */
  private static void haltAfter(Duration time) {
    Thread.ofPlatform()
        .name("halt")
        .daemon()
        .start(() -> {
          try {
            Thread.sleep(time);
            Runtime.getRuntime().halt(1);
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        });
  }
}
