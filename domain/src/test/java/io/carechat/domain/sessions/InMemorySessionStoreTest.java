package io.carechat.domain.sessions;

final class InMemorySessionStoreTest implements SessionStoreContract {
  private final InMemorySessionStore store = new InMemorySessionStore();

  @Override
  public SessionStore store() {
    return store;
  }
}
