package io.carechat.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.carechat.domain.ChatId;
import io.carechat.domain.InstanceWindow;
import io.carechat.domain.LogPosition;
import io.carechat.domain.Message;
import io.carechat.domain.MessageIndex;
import io.carechat.domain.PatientId;
import io.carechat.domain.SearchFilter;
import io.carechat.domain.SearchQuery;
import io.carechat.domain.TenantInstance;
import io.carechat.domain.Unavailable;
import io.carechat.domain.Window;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** The search engine is away for one patient, and for no other. */
final class MisbehavingIndexTest {
  private static final TenantInstance PLACE = new TenantInstance("test-den", "chat2");

  private final MessageIndex index = new MisbehavingIndex(new EmptyIndex());

  @Test
  void isAwayForThePatientOfTheScenario() {
    var patient = PatientId.parse(Scenario.SEARCH_ENGINE_AWAY.trigger()).orElseThrow();

    assertThatExceptionOfType(Unavailable.class).isThrownBy(() -> propose(patient));
  }

  @Test
  void worksForOthers() {
    assertThat(propose(new PatientId(UUID.randomUUID())).upTo()).isEqualTo(LogPosition.START);
    assertThat(index.indexedUpTo()).isEqualTo(LogPosition.START);
  }

  private MessageIndex.Proposals propose(PatientId patient) {
    return index.propose(
        new ChatId(PLACE, patient),
        SearchQuery.parse("hello"),
        SearchFilter.NONE,
        new Window.Newest(),
        1);
  }

  private static final class EmptyIndex implements MessageIndex {
    @Override
    public Proposals propose(
        ChatId chat, SearchQuery query, SearchFilter filter, Window window, int limit) {
      return new Proposals(LogPosition.START, List.of(), false);
    }

    @Override
    public InstanceProposals proposeInInstance(
        TenantInstance place,
        SearchQuery query,
        SearchFilter filter,
        InstanceWindow window,
        int limit) {
      return new InstanceProposals(LogPosition.START, List.of(), false);
    }

    @Override
    public LogPosition indexedUpTo() {
      return LogPosition.START;
    }

    @Override
    public void index(LogPosition after, List<Message> messages, LogPosition upTo) {
      throw new AssertionError("nothing is indexed here");
    }
  }
}
