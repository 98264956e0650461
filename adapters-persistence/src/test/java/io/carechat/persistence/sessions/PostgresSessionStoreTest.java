package io.carechat.persistence.sessions;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.carechat.domain.access.Caller;
import io.carechat.domain.access.Scope;
import io.carechat.domain.chat.ChatId;
import io.carechat.domain.chat.ManualClock;
import io.carechat.domain.chat.Samples;
import io.carechat.domain.chat.Secret;
import io.carechat.domain.sessions.Session;
import io.carechat.domain.sessions.SessionStore;
import io.carechat.domain.sessions.SessionStoreContract;
import io.carechat.persistence.PostgresStorage;
import io.carechat.persistence.StorageTest;
import io.carechat.persistence.TestDatabase;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class PostgresSessionStoreTest extends StorageTest implements SessionStoreContract {
  private static final String EVERYTHING =
      "select coalesce(string_agg(t, ' '), '') from ("
          + "select s::text as t from carechat.browser_session s union all"
          + " select l::text from carechat.sign_in_link l) as rows";

  @Override
  public SessionStore store() {
    return storage.sessions();
  }

  private static Session session(ChatId chat) {
    return new Session(
        new Caller.PatientUser(
            "user:of-nobody-else", chat.instance(), Set.of(Scope.READ_MESSAGES), chat.patient()),
        IDLE_END,
        END);
  }

  @Test
  void storesNoSecret() throws SQLException {
    Secret token = SessionStoreContract.newSecret();
    Secret link = SessionStoreContract.newSecret();
    ChatId chat = Samples.newChat();
    store().add(token, session(chat));
    store().addLink(link, chat, IDLE_END);
    try (Connection connection = database.superuser();
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(EVERYTHING)) {
      assertThat(rows.next()).isTrue();
      assertThat(rows.getString(1))
          .contains("user:of-nobody-else", chat.patient().toString())
          .doesNotContain(token.value(), link.value());
    }
  }

  /** What is changed by one node holds on the others when the call has returned. */
  @Test
  void holdsOnEveryNode() {
    try (PostgresStorage other =
        PostgresStorage.open(database.settings(), new ManualClock(Samples.NOON), () -> {})) {
      Secret token = SessionStoreContract.newSecret();
      Session session = session(Samples.newChat());
      store().add(token, session);
      assertThat(other.sessions().find(token, Samples.NOON)).contains(session);
      other.sessions().remove(token);
      assertThat(store().find(token, Samples.NOON)).isEmpty();
      Secret link = SessionStoreContract.newSecret();
      store().addLink(link, Samples.newChat(), IDLE_END);
      assertThat(other.sessions().useLink(link, Samples.NOON)).isPresent();
      assertThat(store().useLink(link, Samples.NOON)).isEmpty();
    }
  }

  @Test
  void grantsNothingForAScopeThatItDoesNotKnow() throws SQLException {
    Secret token = SessionStoreContract.newSecret();
    store().add(token, session(Samples.chatIn(Samples.OTHER_TENANT)));
    database.execute(
        "update carechat.browser_session set scopes = scopes || '{chats:burn}'::text[]"
            + " where tenant_name = 'other-den'");
    assertThat(store().find(token, Samples.NOON).map(found -> found.caller().scopes()))
        .contains(Set.of(Scope.READ_MESSAGES));
  }

  /** What reads for requests cannot even see that there are such rows. */
  @Test
  void isOutOfTheReachOfRequests() throws SQLException {
    try (Connection app = database.as("carechat_app")) {
      for (String table : Set.of("browser_session", "sign_in_link")) {
        assertThatThrownBy(() -> TestDatabase.number(app, "select count(*) from carechat." + table))
            .isInstanceOfSatisfying(
                SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("42501"));
      }
    }
  }
}
