package io.carechat.rest.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.carechat.domain.chat.Unavailable;
import java.time.Duration;
import org.junit.jupiter.api.Test;

final class UnavailableCauseTest {
  private static Unavailable thrownBy(String className) {
    var unavailable = new Unavailable("a test", Duration.ofSeconds(1));
    unavailable.setStackTrace(
        new StackTraceElement[] {
          new StackTraceElement(className, "method", "File.java", 1),
          new StackTraceElement("io.carechat.rest.http.Problems", "method", "File.java", 1)
        });
    return unavailable;
  }

  @Test
  void isThePartWhoseCodeHasThrownIt() {
    assertThat(UnavailableCause.of(thrownBy("io.carechat.persistence.jdbc.SqlErrors")))
        .isEqualTo("database");
    assertThat(UnavailableCause.of(thrownBy("io.carechat.search.ElasticsearchIndex")))
        .isEqualTo("search-engine");
    assertThat(UnavailableCause.of(thrownBy("io.carechat.domain.search.Judge")))
        .isEqualTo("search");
    assertThat(UnavailableCause.of(thrownBy("io.carechat.domain.feeds.SingleFlight")))
        .isEqualTo("event-log");
    assertThat(UnavailableCause.of(thrownBy("io.carechat.bootstrap.FetchedKeys")))
        .isEqualTo("issuer");
    assertThat(UnavailableCause.of(new Unavailable("here", Duration.ofSeconds(1))))
        .isEqualTo("overload");
    assertThat(UnavailableCause.of(thrownBy("com.example.Other"))).isEqualTo("other");
  }

  @Test
  void eachIsNamedOnce() {
    assertThat(UnavailableCause.ALL).contains("database", "other").doesNotHaveDuplicates();
  }
}
