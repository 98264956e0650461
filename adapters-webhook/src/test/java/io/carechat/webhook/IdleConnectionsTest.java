package io.carechat.webhook;
import static org.assertj.core.api.Assertions.assertThat;

import io.carechat.webhook.Connection.Origin;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

final class IdleConnectionsTest {
  private static final Origin ONE = new Origin(true, "one.example", 443);

  private final AtomicLong nanoTime = new AtomicLong(Long.MAX_VALUE - 5);
  private final IdleConnections idle = new IdleConnections(nanoTime::get);

  private static Connection connection() {
    return new Connection(
        new Socket(), InputStream.nullInputStream(), OutputStream.nullOutputStream());
  }

  private Connection given(Origin origin) {
    Connection connection = connection();
    idle.give(origin, connection);
    return connection;
  }

  private static boolean isClosed(Connection connection) {
    return connection.socket().isClosed();
  }

  @Test
  void givesTheLastOfTheSameOriginAndNoOther() {
    Connection first = given(ONE);
    Connection second = given(ONE);

    for (Origin other :
        List.of(
            new Origin(false, "one.example", 443),
            new Origin(true, "two.example", 443),
            new Origin(true, "one.example", 444))) {
      assertThat(idle.take(other)).isNull();
    }
    assertThat(idle.take(ONE)).isSameAs(second);
    assertThat(idle.take(ONE)).isSameAs(first);
    assertThat(idle.take(ONE)).isNull();
    assertThat(isClosed(first)).isFalse();
  }

  @Test
  void givesNoneThatWaitedTooLong() {
    Connection old = given(ONE);
    nanoTime.addAndGet(IdleConnections.LONGEST_NANOS);
    Connection recent = given(ONE);
    nanoTime.addAndGet(1);

    assertThat(idle.take(ONE)).isSameAs(recent);
    assertThat(idle.take(ONE)).isNull();
    assertThat(isClosed(old)).isTrue();
  }

  @Test
  void closesThoseOfOriginsThatNobodyCallsAnyMore() {
    Connection old = given(ONE);
    nanoTime.addAndGet(IdleConnections.LONGEST_NANOS + 1);

    given(new Origin(true, "two.example", 443));

    assertThat(isClosed(old)).isTrue();
  }

  @Test
  void keepsABoundedNumber() {
    var ofOne = new ArrayList<Connection>();
    for (int i = 0; i < IdleConnections.MOST_OF_ONE_ORIGIN + 1; i++) {
      ofOne.add(given(ONE));
    }
    assertThat(ofOne.stream().filter(IdleConnectionsTest::isClosed))
        .containsExactly(ofOne.getLast());

    var all = new ArrayList<Connection>();
    for (int i = 0; i < IdleConnections.MOST; i++) {
      all.add(given(new Origin(true, "host" + i + ".example", 443)));
    }
    assertThat(all.stream().filter(IdleConnectionsTest::isClosed))
        .hasSize(IdleConnections.MOST_OF_ONE_ORIGIN);
    assertThat(idle.take(ONE)).isNotNull();
    assertThat(isClosed(given(ONE))).isFalse();
    assertThat(isClosed(given(new Origin(true, "last.example", 443)))).isTrue();
  }

  @Test
  void closesAllAndWhateverComesLater() {
    Connection before = given(ONE);
    idle.close();
    Connection after = given(ONE);

    assertThat(isClosed(before)).isTrue();
    assertThat(isClosed(after)).isTrue();
    assertThat(idle.take(ONE)).isNull();
  }
}
