package io.carechat.rest.connections;

import static org.assertj.core.api.Assertions.assertThat;

import io.helidon.webserver.ListenerConfig;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.WebServerConfig;
import java.nio.channels.ServerSocketChannel;
import org.junit.jupiter.api.Test;

final class ListeningSocketsTest {
  /** What Helidon does when it cannot accept a connection. */
  @Test
  void noticesThatAListenerHasEndedAlthoughHelidonSaysThatItRuns() throws Exception {
    var sockets = new ListeningSockets();
    WebServerConfig config =
        WebServer.builder()
            .host("127.0.0.1")
            .shutdownHook(false)
            .putSocket(
                "other",
                sockets.noting(
                    ListenerConfig.class, ListenerConfig.builder().host("127.0.0.1").build()))
            .buildPrototype();
    WebServer server = WebServer.create(sockets.noting(WebServerConfig.class, config));
    server.start();
    try {
      assertThat(server.port()).isPositive();
      assertThat(sockets.sockets()).hasSize(2);
      assertThat(sockets.areOpen()).isTrue();
      for (ServerSocketChannel socket : sockets.sockets()) {
        socket.close();
        assertThat(sockets.areOpen()).isFalse();
      }
      assertThat(server.isRunning()).isTrue();
    } finally {
      Thread _ = Thread.ofVirtual().start(server::stop);
    }
  }
}
