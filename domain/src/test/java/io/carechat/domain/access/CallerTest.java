package io.carechat.domain.access;

import static io.carechat.domain.access.AccessAssertions.assertDenied;
import static io.carechat.domain.chat.Samples.THIS_INSTANCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.carechat.domain.chat.ChatId;
import io.carechat.domain.chat.Samples;
import io.carechat.domain.chat.Sender;
import io.carechat.domain.chat.TenantInstance;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class CallerTest {
  private static final Set<Scope> ALL = EnumSet.allOf(Scope.class);
  private static final ChatId CHAT = Samples.newChat();
  private static final Sender.CareTeamMember NURSE =
      new Sender.CareTeamMember(Samples.newUuid(), "Nurse");

  private static List<Caller> withScopes(Set<Scope> scopes) {
    return List.of(partner(scopes), patient(scopes), nurse(scopes));
  }

  private static Caller partner(Set<Scope> scopes) {
    return new Caller.Partner("partner", THIS_INSTANCE, scopes);
  }

  private static Caller patient(Set<Scope> scopes) {
    return new Caller.PatientUser("patient", THIS_INSTANCE, scopes, CHAT.patient());
  }

  private static Caller nurse(Set<Scope> scopes) {
    return new Caller.CareTeamUser("nurse", THIS_INSTANCE, scopes, NURSE);
  }

  @ParameterizedTest
  @EnumSource
  void everyScopeIsEnoughForItselfAndNothingElseIs(Scope scope) {
    for (Caller caller : withScopes(Set.of(scope))) {
      assertThatCode(() -> caller.require(scope, CHAT)).doesNotThrowAnyException();
    }
    for (Caller caller : withScopes(EnumSet.complementOf(EnumSet.of(scope)))) {
      assertDenied(scope, () -> caller.require(scope, CHAT));
      assertDenied(scope, () -> caller.require(scope, THIS_INSTANCE));
    }
  }

  @ParameterizedTest
  @EnumSource
  void partnersAndTheCareTeamReachTheWholeInstance(Scope scope) {
    ChatId other = Samples.newChat();
    for (Caller caller : List.of(partner(ALL), nurse(ALL))) {
      assertThat(caller.may(scope, THIS_INSTANCE)).isTrue();
      assertThatCode(() -> caller.require(scope, THIS_INSTANCE)).doesNotThrowAnyException();
      assertThatCode(() -> caller.require(scope, other)).doesNotThrowAnyException();
    }
  }

  @ParameterizedTest
  @EnumSource
  void patientsReachTheirOwnChatOnly(Scope scope) {
    Caller patient = patient(ALL);

    assertThatCode(() -> patient.require(scope, CHAT)).doesNotThrowAnyException();
    assertDenied(scope, () -> patient.require(scope, THIS_INSTANCE));
    for (ChatId stranger : Samples.strangersTo(CHAT)) {
      assertThat(patient.may(scope, stranger)).isFalse();
      assertDenied(scope, () -> patient.require(scope, stranger));
    }
  }

  @ParameterizedTest
  @EnumSource
  void nobodyReachesAnotherTenantOrInstance(Scope scope) {
    for (TenantInstance stranger : Samples.strangersTo(THIS_INSTANCE)) {
      var chat = new ChatId(stranger, CHAT.patient());
      for (Caller caller : withScopes(ALL)) {
        assertThat(caller.may(scope, chat)).isFalse();
        assertDenied(scope, () -> caller.require(scope, chat));
        assertDenied(scope, () -> caller.require(scope, stranger));
      }
    }
  }

  @Test
  void aDenialNamesTheScopeAndNothingElse() {
    assertThatThrownBy(() -> patient(Set.of()).require(Scope.SEND_MESSAGES, CHAT))
        .isInstanceOf(AccessDenied.class)
        .hasMessageContaining(Scope.SEND_MESSAGES.wireName())
        .hasMessageNotContaining(CHAT.patient().toString())
        .satisfies(denied -> assertThat(denied.getStackTrace()).isEmpty());
  }

  @Test
  void scopesAreFoundByTheirWireNames() {
    for (Scope scope : Scope.values()) {
      assertThat(Scope.ofWireName(scope.wireName())).contains(scope);
    }
    assertThat(Scope.ofWireName("messages:READ")).isEmpty();
  }
}
