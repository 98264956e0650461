package io.carechat.bootstrap;

import static org.assertj.core.api.Assertions.assertThat;

import io.carechat.domain.access.Caller;
import io.carechat.domain.access.Scope;
import io.carechat.domain.chat.ManualClock;
import io.carechat.domain.chat.Samples;
import io.carechat.domain.chat.Secret;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class ConfiguredApiKeysTest {
  private final ManualClock clock = new ManualClock(Samples.NOON);

  @Test
  void knowsAnIssuedKeyUntilItExpires() {
    ConfiguredApiKeys.Issued issued =
        ConfiguredApiKeys.issue(
            "partner",
            Samples.THIS_INSTANCE,
            Set.of(Scope.READ_MESSAGES),
            Samples.NOON.plusSeconds(60),
            new SecureRandom());
    var keys = new ConfiguredApiKeys(List.of(issued.configuration()), clock);

    assertThat(keys.caller(issued.key()))
        .contains(
            new Caller.Partner("partner", Samples.THIS_INSTANCE, Set.of(Scope.READ_MESSAGES)));
    assertThat(keys.caller(new Secret(issued.key().value() + "x"))).isEmpty();
    assertThat(keys.caller(new Secret(issued.configuration().sha256()))).isEmpty();
    assertThat(keys.caller(new Secret(""))).isEmpty();

    clock.move(Duration.ofSeconds(60));
    assertThat(keys.caller(issued.key())).isEmpty();
  }

  @Test
  void neverIssuesTheSameKeyTwice() {
    var random = new SecureRandom();
    assertThat(
            List.of(
                ConfiguredApiKeys.issue("a", Samples.THIS_INSTANCE, Set.of(), null, random).key(),
                ConfiguredApiKeys.issue("a", Samples.THIS_INSTANCE, Set.of(), null, random).key()))
        .doesNotHaveDuplicates()
        .allMatch(key -> key.value().length() == 47);
  }
}
