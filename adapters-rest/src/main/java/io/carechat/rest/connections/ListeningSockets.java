package io.carechat.rest.connections;

import io.helidon.webserver.ListenerConfig;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.channels.ServerSocketChannel;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * The sockets that a server listens on. If Helidon cannot accept a connection for any reason, it
 * closes the socket and never listens again, but says that it is running. Its API does not say so.
 * So this notes the sockets when Helidon configures them, which is before it listens. Safe for use
 * by many threads.
 */
public final class ListeningSockets {
  private final List<ServerSocketChannel> sockets = new CopyOnWriteArrayList<>();

  /**
   * Returns the same configuration of a listener, which notes the sockets that it is used for.
   *
   * @param type {@link ListenerConfig}, or an interface that extends it
   */
  public <T extends ListenerConfig> T noting(Class<T> type, T config) {
    return type.cast(
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (_, method, arguments) -> {
              if (method.getName().equals("configureSocket")
                  && arguments[0] instanceof ServerSocketChannel socket) {
                sockets.add(socket);
              }
              try {
                return method.invoke(config, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            }));
  }

  /**
   * Returns whether the server still listens on every socket that it has listened on. It is true
   * before the server listens.
   */
  public boolean areOpen() {
    return sockets.stream().allMatch(ServerSocketChannel::isOpen);
  }

  /** Returns the sockets. */
  List<ServerSocketChannel> sockets() {
    return List.copyOf(sockets);
  }
}
