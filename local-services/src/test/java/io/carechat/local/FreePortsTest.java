package io.carechat.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.Closeable;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Ports that are free, and stay so. */
final class FreePortsTest {
  @Test
  void nothingListensOnThemAndNoneIsGivenTwice() throws IOException {
    int[] ports = IntStream.range(0, 50).map(_ -> FreePorts.one()).toArray();
    assertThat(ports).doesNotHaveDuplicates();
    for (int port : ports) {
      new ServerSocket(port, 1, InetAddress.getLoopbackAddress()).close();
    }
  }

  /** The system gives its own ports to whoever connects. */
  @Test
  void theyAreNotOfTheSystemsRange() throws IOException {
    try (var given = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      assertThat(FreePorts.one()).isGreaterThanOrEqualTo(10_000).isLessThan(given.getLocalPort());
    }
  }

  @Test
  void severalAreNextToEachOther() throws IOException {
    int first = FreePorts.firstOf(3);
    for (int port = first; port < first + 3; port++) {
      new ServerSocket(port, 1, InetAddress.getLoopbackAddress()).close();
    }
    assertThat(FreePorts.one()).isNotIn(first, first + 1, first + 2);
  }

  @Test
  void oneThatIsTakenIsPassedOver() throws IOException {
    int before = FreePorts.one();
    try (var _ = taken(before + 1)) {
      assertThat(FreePorts.one()).isNotIn(before, before + 1);
    }
  }

  private static Closeable taken(int port) throws IOException {
    try {
      return new ServerSocket(port, 1, InetAddress.getLoopbackAddress());
    } catch (BindException already) {
      return () -> {};
    }
  }
}
