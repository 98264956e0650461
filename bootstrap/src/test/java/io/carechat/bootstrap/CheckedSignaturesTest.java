package io.carechat.bootstrap;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

final class CheckedSignaturesTest {
  private final CheckedSignatures signatures = new CheckedSignatures();
  private final AtomicInteger checks = new AtomicInteger();

  private static JWK key() throws Exception {
    return new ECKeyGenerator(Curve.P_256).generate().toPublicJWK();
  }

  private boolean isSigned(String token, List<JWK> keys, JWK signer) throws Exception {
    return signatures.isSigned(
        token,
        keys,
        key -> {
          checks.incrementAndGet();
          return key.equals(signer);
        });
  }

  @Test
  void checksASignatureOnce() throws Exception {
    JWK key = key();
    for (int i = 0; i < 100; i++) {
      assertThat(isSigned("token", List.of(key), key)).isTrue();
      // The keys may have been fetched again.
      assertThat(isSigned("token", List.of(JWK.parse(key.toString())), key)).isTrue();
    }
    assertThat(checks).hasValue(1);
    assertThat(isSigned("another", List.of(key), key)).isTrue();
    assertThat(checks).hasValue(2);
  }

  /** As many at once as there are requests would keep all processors busy. */
  @Test
  void checksOneTokenOnceForManyRequestsAtOnce() throws Exception {
    JWK key = key();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var results = new ArrayList<Future<Boolean>>();
      for (int i = 0; i < 200; i++) {
        results.add(threads.submit(() -> isSigned("token", List.of(key), key)));
      }
      for (Future<Boolean> each : results) {
        assertThat(each.get(60, TimeUnit.SECONDS)).isTrue();
      }
    }
    assertThat(checks.get())
        .isBetween(1, Math.max(1, Runtime.getRuntime().availableProcessors() / 2));
  }

  @Test
  void neverRemembersAWrongSignature() throws Exception {
    JWK key = key();
    for (int i = 0; i < 3; i++) {
      assertThat(isSigned("token", List.of(key), key())).isFalse();
    }
    assertThat(checks).hasValue(3);
    assertThat(isSigned("token", List.of(key), key)).isTrue();
  }

  @Test
  void forgetsASignatureOfAKeyThatTheIssuerHasNoMore() throws Exception {
    JWK old = key();
    JWK next = key();
    assertThat(isSigned("token", List.of(old, next), old)).isTrue();
    assertThat(isSigned("token", List.of(next), old)).isFalse();
    assertThat(isSigned("token", List.of(), old)).isFalse();
  }

  /** Many more tokens than are remembered. */
  @Test
  void confusesNoTokens() throws Exception {
    JWK key = key();
    JWK stranger = key();
    for (int i = 0; i < 50_000; i++) {
      assertThat(isSigned("good " + i, List.of(key), key)).isTrue();
      assertThat(isSigned("bad " + i, List.of(key), stranger)).isFalse();
    }
  }
}
