package io.carechat.search;

import static io.carechat.domain.chat.Samples.newChat;
import static io.carechat.domain.search.index.MessageIndexContract.next;
import static io.carechat.domain.search.index.MessageIndexContract.wounds;
import static org.assertj.core.api.Assertions.assertThat;

import io.carechat.domain.events.LogPosition;
import io.carechat.search.ElasticsearchIndex.Settings;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class OldIndicesTest {
  private static final String ID = "0123456789abcdef0123456789abcdef";

  private final Settings settings = Elasticsearch.newSettings();
  private final ElasticsearchIndex index = Elasticsearch.open(settings);
  private final AtomicLong now = new AtomicLong(Long.MAX_VALUE - 10);
  private final OldIndices old = index.oldIndices(Duration.ofHours(1), now::get);

  @AfterEach
  void end() {
    index.close();
    Elasticsearch.delete(settings);
  }

  private void hoursLater(int hours) {
    now.addAndGet(Duration.ofHours(hours).toNanos());
  }

  private void add() {
    LogPosition after = index.indexedUpTo();
    index.index(after, wounds(newChat(), 1), next(after));
  }

  /** Makes an index as another version of the service has it. */
  private String make(String version, int upTo) {
    String name = settings.prefix() + "-" + version + "-" + ID;
    String aliases = "{\"aliases\":{\"" + name + "-writing\":{}}}";
    assertThat(Elasticsearch.send(settings.url(), "PUT", "/" + name, aliases).statusCode())
        .isEqualTo(200);
    mark(name, upTo);
    return name;
  }

  private void mark(String name, int upTo) {
    String watermark = "{\"upTo\":{\"transaction\":" + upTo + ",\"number\":0}}";
    assertThat(
            Elasticsearch.send(
                    settings.url(),
                    "PUT",
                    "/" + name + "/_doc/watermark?routing=watermark",
                    watermark)
                .statusCode())
        .isIn(200, 201);
  }

  @Test
  void deletesWhatNobodyFollowsAndNothingElse() {
    add();
    add();
    String v2 = make("v2", 0);
    String otherAnalysis = make("v3-0123abcd", 0);
    String ofAnotherInstallation = make("v2-v3", 0);

    assertThat(old.deleteUnused()).isEmpty();
    assertThat(old.deleteUnused()).isEmpty();
    hoursLater(1);
    mark(otherAnalysis, 1);
    assertThat(old.deleteUnused()).containsExactly(v2);
    hoursLater(1);
    assertThat(old.deleteUnused()).containsExactly(otherAnalysis);
    hoursLater(1);
    assertThat(old.deleteUnused()).isEmpty();
    assertThat(Elasticsearch.indices(settings)).hasSize(2).contains(ofAnotherInstallation);
  }

  @Test
  void keepsWhatIsNotBehind() {
    String v2 = make("v2", 1_000_000);
    assertThat(old.deleteUnused()).isEmpty();
    add();
    for (int i = 0; i < 3; i++) {
      hoursLater(2);
      assertThat(old.deleteUnused()).isEqualTo(List.of());
    }
    assertThat(Elasticsearch.indices(settings)).contains(v2);
  }
}
