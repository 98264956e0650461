package io.carechat.webhook;

import io.carechat.domain.chat.TenantInstance;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A network that endpoints may be in although it is not public.
 *
 * @param network in CIDR notation, such as {@code 10.1.2.0/24} or {@code fd00:1::/32}
 * @param ports the ports that may be called, 1 to 65535; null for every port
 * @param instances the instances whose endpoints may be in the network; null for every instance
 * @param showAnswers whether partners may read what the hosts of the network respond. Otherwise
 *     they get the status only.
 */
public record AllowedNetwork(
    String network,
    @Nullable Set<Integer> ports,
    @Nullable Set<TenantInstance> instances,
    boolean showAnswers) {

  /**
   * @throws IllegalArgumentException if the network does not have that form, or a port can never be
   *     called; the message names it
   */
  public AllowedNetwork {
    Network _ = Network.parse(network);
    ports = ports == null ? null : Set.copyOf(ports);
    instances = instances == null ? null : Set.copyOf(instances);
    if (ports != null) {
      for (int port : ports) {
        if (port < 1 || port > 65_535 || BadPorts.contains(port)) {
          throw new IllegalArgumentException(
              network + ": " + port + " is not a port that can be called");
        }
      }
    }
  }

  /**
   * Returns a network whose every port may be called for every instance, and whose answers are
   * shown. It is for receivers on the machine of a developer.
   */
  public static AllowedNetwork open(String network) {
    return new AllowedNetwork(network, null, null, true);
  }

  /** Returns whether an endpoint of the instance may be at this port of the network. */
  boolean allows(int port, TenantInstance instance) {
    return (ports == null || ports.contains(port))
        && (instances == null || instances.contains(instance));
  }
}
