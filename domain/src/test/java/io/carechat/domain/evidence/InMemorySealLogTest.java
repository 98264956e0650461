package io.carechat.domain.evidence;

final class InMemorySealLogTest implements SealLogContract {
  private final InMemorySealLog seals = new InMemorySealLog();

  @Override
  public SealLog seals() {
    return seals;
  }
}
