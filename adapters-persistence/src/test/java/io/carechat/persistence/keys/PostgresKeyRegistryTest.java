package io.carechat.persistence.keys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.carechat.domain.access.Scope;
import io.carechat.domain.chat.Samples;
import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.keys.ApiKey;
import io.carechat.domain.keys.KeyRegistry;
import io.carechat.domain.keys.KeyRegistryContract;
import io.carechat.persistence.StorageTest;
import io.carechat.persistence.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class PostgresKeyRegistryTest extends StorageTest implements KeyRegistryContract {
  @Override
  public KeyRegistry registry() {
    return storage.keys();
  }

  @Test
  void grantsNothingForAScopeThatItDoesNotKnow() throws SQLException {
    TenantInstance instance = Samples.newInstance();
    ApiKey key = KeyRegistryContract.newKey(instance, null);
    assertThat(registry().add(key, KeyRegistryContract.newHash(), 1, 1)).isTrue();
    database.execute(
        "update carechat.api_key set scopes = '{chats:burn,messages:read}'::text[]"
            + " where instance_name = '"
            + instance.instanceName()
            + "'");
    assertThat(registry().of(instance).getFirst().scopes()).isEqualTo(Set.of(Scope.READ_MESSAGES));
  }

  /** What reads for requests sees the keys of its instance, and cannot change any. */
  @Test
  void isNotChangedByWhatReadsForRequests() throws SQLException {
    try (Connection app = database.as("carechat_app")) {
      assertThatThrownBy(
              () -> TestDatabase.execute(app, "update carechat.api_key set revoked_at = null"))
          .isInstanceOfSatisfying(
              SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("42501"));
    }
  }

  /** The numbers of changes become visible in their order, so none is skipped by who follows. */
  @Test
  void aChangeWaitsForAnotherThatHasItsNumber() throws Exception {
    TenantInstance instance = Samples.newInstance();
    long before = registry().changesSince(Long.MAX_VALUE).revision();
    try (Connection other = database.as("carechat_worker")) {
      other.setAutoCommit(false);
      TestDatabase.execute(
          other, "update carechat.api_key_revision set revision = revision + 1 where only_row");
      Thread adding =
          Thread.ofVirtual()
              .start(() ->
                  registry()
                      .add(
                          KeyRegistryContract.newKey(instance, null),
                          KeyRegistryContract.newHash(),
                          1,
                          1));
      while (database.number("select count(*) from pg_locks where not granted") == 0) {
        Thread.onSpinWait();
      }
      assertThat(registry().changesSince(before).keys()).isEmpty();
      other.commit();
      adding.join();
    }
    assertThat(registry().changesSince(before).revision()).isEqualTo(before + 2);
    assertThat(registry().changesSince(before + 1).keys()).hasSize(1);
  }
}
