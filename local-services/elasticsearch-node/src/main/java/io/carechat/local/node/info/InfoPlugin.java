package io.carechat.local.node.info;

import java.util.Collection;
import java.util.List;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.elasticsearch.cluster.node.DiscoveryNodes;
import org.elasticsearch.cluster.service.ClusterService;
import org.elasticsearch.features.NodeFeature;
import org.elasticsearch.plugins.ActionPlugin;
import org.elasticsearch.plugins.Plugin;
import org.elasticsearch.rest.RestHandler;
import org.jspecify.annotations.Nullable;

/**
 * Answers {@code GET /} and {@code HEAD /} as a full Elasticsearch does, so that a client's {@code
 * info()} and {@code ping()} work. In the distribution, a module that is not published does this.
 */
public final class InfoPlugin extends Plugin implements ActionPlugin {
  private @Nullable ClusterService cluster;

  /** Elasticsearch calls this, and needs a public constructor. */
  public InfoPlugin() {}

  @Override
  public Collection<?> createComponents(PluginServices services) {
    cluster = services.clusterService();
    return List.of();
  }

  @Override
  public Collection<RestHandler> getRestHandlers(
      RestHandlersServices services,
      Supplier<DiscoveryNodes> nodesInCluster,
      Predicate<NodeFeature> clusterSupportsFeature) {
    if (cluster == null) {
      throw new IllegalStateException(
          "Elasticsearch asked for handlers before it offered its services");
    }
    return List.of(new InfoHandler(cluster));
  }
}
