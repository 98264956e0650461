package io.carechat.rest.connections;

import static org.assertj.core.api.Assertions.assertThat;

import io.carechat.rest.connections.ExchangeMemory.Owner;
import io.carechat.rest.connections.ExchangeMemory.Owner.Kind;
import io.carechat.rest.connections.ExchangeMemory.Reservation;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class ExchangeMemoryTest {
  private static final long MAX = 3_200;

  private final ExchangeMemory memory = new ExchangeMemory(MAX);

  private Reservation of(Owner... owners) {
    Reservation reservation = memory.reservation();
    assertThat(reservation.count(List.of(owners))).isTrue();
    return reservation;
  }

  private static Owner owner(Kind kind, String id) {
    return new Owner(kind, id);
  }

  @Test
  void anOwnerHasAShareAndOthersHaveTheRest() {
    Owner address = owner(Kind.ADDRESS, "192.0.2.1");
    var first = of(address);
    var second = of(address);
    assertThat(first.add(MAX / 8)).isTrue();
    assertThat(second.add(MAX / 8)).isTrue();
    assertThat(second.add(1)).isFalse();
    assertThat(memory.used()).isEqualTo(MAX / 4);
    assertThat(of(owner(Kind.ADDRESS, "192.0.2.2")).add(MAX / 4)).isTrue();
    first.close();
    assertThat(second.add(MAX / 8)).isTrue();
  }

  @Test
  void oneExchangeMayExceedAShareIfItIsTheOnlyOne() {
    Owner patient = owner(Kind.PATIENT, "p");
    var large = of(patient, owner(Kind.INSTANCE, "i"));
    assertThat(large.add(MAX / 4)).isTrue();
    assertThat(of(patient).add(1)).isFalse();
    large.close();
    assertThat(memory.used()).isZero();
    assertThat(of().add(10 * MAX)).isTrue();
  }

  @Test
  void allTogetherHaveABound() {
    for (int i = 0; i < 4; i++) {
      assertThat(of(owner(Kind.ADDRESS, "192.0.2." + i)).add(MAX / 4)).isTrue();
      assertThat(memory.isScarce()).isEqualTo(i > 1);
    }
    assertThat(of(owner(Kind.ADDRESS, "192.0.2.9")).add(1)).isFalse();
  }

  @Test
  void aCredentialsShareReplacesThatOfItsAddress() {
    Owner address = owner(Kind.ADDRESS, "192.0.2.1");
    var known = of(address);
    assertThat(known.add(MAX / 4)).isTrue();
    assertThat(of(address).add(1)).isFalse();
    assertThat(known.count(List.of(owner(Kind.CREDENTIAL, "c"), owner(Kind.INSTANCE, "i"))))
        .isTrue();
    assertThat(of(address).add(MAX / 4)).isTrue();
    // What does not fit is counted as before.
    var second = of(owner(Kind.ADDRESS, "192.0.2.2"));
    assertThat(second.add(1)).isTrue();
    assertThat(second.count(List.of(owner(Kind.CREDENTIAL, "c")))).isFalse();
    assertThat(memory.used()).isEqualTo(MAX / 2 + 1);
    second.close();
    assertThat(memory.used()).isEqualTo(MAX / 2);
  }

  /** Whatever is reserved in whatever order, nothing is left when all is released. */
  @Test
  void forgetsEverythingThatIsReleased() {
    var random = new Random(20_261_201);
    var open = new ArrayList<Reservation>();
    for (int i = 0; i < 20_000; i++) {
      if (open.size() > 20 || (random.nextBoolean() && !open.isEmpty())) {
        open.remove(random.nextInt(open.size())).close();
      } else {
        Reservation next = of(owner(Kind.ADDRESS, "a" + random.nextInt(3)));
        boolean _ = next.add(random.nextInt(400));
        boolean _ =
            next.count(
                List.of(
                    owner(Kind.CREDENTIAL, "c" + random.nextInt(3)),
                    owner(Kind.INSTANCE, "i" + random.nextInt(2))));
        boolean _ = next.add(random.nextInt(400));
        if (random.nextBoolean()) {
          next.clear();
        }
        open.add(next);
      }
      assertThat(memory.used()).isBetween(0L, MAX);
    }
    open.forEach(Reservation::close);
    assertThat(memory.used()).isZero();
    for (Kind kind : Kind.values()) {
      var all = of(owner(kind, "a0"));
      assertThat(all.add(1)).isTrue();
      all.close();
    }
  }
}
