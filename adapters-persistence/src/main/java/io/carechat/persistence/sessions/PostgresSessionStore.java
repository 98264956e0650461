package io.carechat.persistence.sessions;

import static io.carechat.persistence.generated.Tables.BROWSER_SESSION;
import static io.carechat.persistence.generated.Tables.SIGN_IN_LINK;
import static org.jooq.impl.DSL.deleteFrom;
import static org.jooq.impl.DSL.greatest;
import static org.jooq.impl.DSL.insertInto;
import static org.jooq.impl.DSL.least;
import static org.jooq.impl.DSL.select;
import static org.jooq.impl.DSL.update;

import io.carechat.domain.access.Caller;
import io.carechat.domain.access.Scope;
import io.carechat.domain.chat.ChatId;
import io.carechat.domain.chat.ClientType;
import io.carechat.domain.chat.PatientId;
import io.carechat.domain.chat.Secret;
import io.carechat.domain.chat.Sender;
import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.sessions.Session;
import io.carechat.domain.sessions.SessionStore;
import io.carechat.persistence.jdbc.BoundStatement;
import io.carechat.persistence.jdbc.ChatKeys;
import io.carechat.persistence.jdbc.Column;
import io.carechat.persistence.jdbc.Connections;
import io.carechat.persistence.jdbc.Parameters;
import io.carechat.persistence.jdbc.RowMapper;
import io.carechat.persistence.jdbc.SqlStatement;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jooq.Field;
import org.jooq.Param;
import org.jooq.Query;
import org.jspecify.annotations.Nullable;

/** Sessions and sign-in links in PostgreSQL. */
public final class PostgresSessionStore implements SessionStore {
  private static final Param<String> HASH = Parameters.text("hash");
  private static final Param<Instant> NOW = Parameters.time("now");
  private static final Param<Instant> IDLE_END = Parameters.time("idle_end");
  private static final Param<Instant> END = Parameters.time("session_end");
  private static final Param<String> CLIENT_TYPE = Parameters.text("client_type");
  private static final Param<UUID> PERSON = Parameters.uuid("person");
  private static final Param<String> TITLE = Parameters.text("title");
  private static final Param<String> CREDENTIAL = Parameters.text("credential");
  private static final Param<String[]> SCOPES =
      Parameters.array("scopes", BROWSER_SESSION.CREDENTIAL_ID);

  private static final List<Field<?>> COLUMNS =
      List.of(
          BROWSER_SESSION.TENANT_NAME,
          BROWSER_SESSION.INSTANCE_NAME,
          BROWSER_SESSION.CLIENT_TYPE,
          BROWSER_SESSION.PERSON_ID,
          BROWSER_SESSION.TITLE_NAME,
          BROWSER_SESSION.SCOPES,
          BROWSER_SESSION.CREDENTIAL_ID,
          BROWSER_SESSION.IDLE_END,
          BROWSER_SESSION.SESSION_END);

  private static final SqlStatement ADD =
      SqlStatement.of(
          insertInto(BROWSER_SESSION)
              .set(BROWSER_SESSION.TOKEN_HASH, HASH)
              .set(BROWSER_SESSION.TENANT_NAME, Parameters.TENANT)
              .set(BROWSER_SESSION.INSTANCE_NAME, Parameters.INSTANCE)
              .set(BROWSER_SESSION.CLIENT_TYPE, CLIENT_TYPE)
              .set(BROWSER_SESSION.PERSON_ID, PERSON)
              .set(BROWSER_SESSION.TITLE_NAME, TITLE)
              .set(BROWSER_SESSION.SCOPES, SCOPES)
              .set(BROWSER_SESSION.CREDENTIAL_ID, CREDENTIAL)
              .set(BROWSER_SESSION.IDLE_END, IDLE_END)
              .set(BROWSER_SESSION.SESSION_END, END));

  private static final Rows FIND =
      new Rows(
          select(COLUMNS)
              .from(BROWSER_SESSION)
              .where(BROWSER_SESSION.TOKEN_HASH.eq(HASH))
              .and(BROWSER_SESSION.IDLE_END.gt(NOW)));

  private static final Rows EXTEND =
      new Rows(
          update(BROWSER_SESSION)
              .set(
                  BROWSER_SESSION.IDLE_END,
                  greatest(BROWSER_SESSION.IDLE_END, least(BROWSER_SESSION.SESSION_END, IDLE_END)))
              .where(BROWSER_SESSION.TOKEN_HASH.eq(HASH))
              .and(BROWSER_SESSION.IDLE_END.gt(NOW))
              .returning(COLUMNS));

  private static final SqlStatement REMOVE =
      SqlStatement.of(deleteFrom(BROWSER_SESSION).where(BROWSER_SESSION.TOKEN_HASH.eq(HASH)));

  private static final SqlStatement ADD_LINK =
      SqlStatement.of(
          insertInto(SIGN_IN_LINK)
              .set(SIGN_IN_LINK.TOKEN_HASH, HASH)
              .set(SIGN_IN_LINK.TENANT_NAME, Parameters.TENANT)
              .set(SIGN_IN_LINK.INSTANCE_NAME, Parameters.INSTANCE)
              .set(SIGN_IN_LINK.PATIENT_ID, Parameters.PATIENT)
              .set(SIGN_IN_LINK.EXPIRES_AT, END));

  /** Of two at once, the second finds the row deleted when the first has committed. */
  private static final SqlStatement USE_LINK =
      SqlStatement.of(
          deleteFrom(SIGN_IN_LINK)
              .where(SIGN_IN_LINK.TOKEN_HASH.eq(HASH))
              .and(SIGN_IN_LINK.EXPIRES_AT.gt(NOW))
              .returning(
                  SIGN_IN_LINK.TENANT_NAME, SIGN_IN_LINK.INSTANCE_NAME, SIGN_IN_LINK.PATIENT_ID));

  private static final RowMapper<ChatId> CHAT_OF_LINK = ChatKeys.chats(USE_LINK);

  /** What other nodes are deleting, or extending, is left to the next time. */
  private static final SqlStatement DELETE_SESSIONS =
      SqlStatement.of(
          deleteFrom(BROWSER_SESSION)
              .where(
                  BROWSER_SESSION.TOKEN_HASH.in(
                      select(BROWSER_SESSION.TOKEN_HASH)
                          .from(BROWSER_SESSION)
                          .where(BROWSER_SESSION.IDLE_END.le(NOW))
                          .orderBy(BROWSER_SESSION.IDLE_END)
                          .limit(Parameters.LIMIT)
                          .forUpdate()
                          .skipLocked())));

  private static final SqlStatement DELETE_LINKS =
      SqlStatement.of(
          deleteFrom(SIGN_IN_LINK)
              .where(
                  SIGN_IN_LINK.TOKEN_HASH.in(
                      select(SIGN_IN_LINK.TOKEN_HASH)
                          .from(SIGN_IN_LINK)
                          .where(SIGN_IN_LINK.EXPIRES_AT.le(NOW))
                          .orderBy(SIGN_IN_LINK.EXPIRES_AT)
                          .limit(Parameters.LIMIT)
                          .forUpdate()
                          .skipLocked())));

  private final Connections connections;

  /**
   * @param connections connections that see all instances
   */
  public PostgresSessionStore(Connections connections) {
    this.connections = connections;
  }

  /** A statement whose rows are sessions. */
  private static final class Rows {
    private final SqlStatement statement;
    private final RowMapper<TenantInstance> instance;
    private final Column<String> clientType;
    private final Column<UUID> person;
    private final Column<String> title;
    private final Column<String[]> scopes;
    private final Column<String> credential;
    private final Column<Instant> idleEnd;
    private final Column<Instant> end;

    Rows(Query query) {
      statement = SqlStatement.of(query);
      instance = ChatKeys.instances(statement);
      clientType = statement.column(BROWSER_SESSION.CLIENT_TYPE);
      person = statement.column(BROWSER_SESSION.PERSON_ID);
      title = statement.column(BROWSER_SESSION.TITLE_NAME);
      scopes = statement.column(BROWSER_SESSION.SCOPES);
      credential = statement.column(BROWSER_SESSION.CREDENTIAL_ID);
      idleEnd = statement.column(BROWSER_SESSION.IDLE_END);
      end = statement.column(BROWSER_SESSION.SESSION_END);
    }

    BoundStatement bind(Secret token) {
      return statement.bind().set(HASH, hash(token));
    }

    Session session(ResultSet row) throws SQLException {
      return new Session(caller(row), idleEnd.get(row), end.get(row));
    }

    private Caller caller(ResultSet row) throws SQLException {
      return switch (ClientType.valueOf(clientType.get(row))) {
        case PATIENT ->
            new Caller.PatientUser(
                credential.get(row),
                instance.map(row),
                scopes(row),
                new PatientId(person.get(row)));
        case CARE_TEAM ->
            new Caller.CareTeamUser(
                credential.get(row),
                instance.map(row),
                scopes(row),
                new Sender.CareTeamMember(person.get(row), title.getOrNull(row)));
      };
    }

    /** A scope that this version does not know was given by a newer one, and allows nothing. */
    private Set<Scope> scopes(ResultSet row) throws SQLException {
      return Arrays.stream(scopes.get(row))
          .flatMap(name -> Scope.ofWireName(name).stream())
          .collect(Collectors.toUnmodifiableSet());
    }
  }

  private static String hash(Secret secret) {
    try {
      return HexFormat.of()
          .formatHex(
              MessageDigest.getInstance("SHA-256")
                  .digest(secret.value().getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  @Override
  public void add(Secret token, Session opened) {
    Caller caller = opened.caller();
    Person person = Person.of(caller);
    int _ =
        connections.execute(
            ADD.bind()
                .instance(caller.instance())
                .set(HASH, hash(token))
                .set(CLIENT_TYPE, person.clientType.name())
                .set(PERSON, person.id)
                .set(TITLE, person.title)
                .set(SCOPES, List.copyOf(caller.scopes()), Scope::wireName)
                .set(CREDENTIAL, caller.credentialId())
                .set(IDLE_END, opened.idleEnd())
                .set(END, opened.end()));
  }

  private record Person(ClientType clientType, UUID id, @Nullable String title) {
    static Person of(Caller caller) {
      return switch (caller) {
        case Caller.PatientUser patient ->
            new Person(ClientType.PATIENT, patient.patient().value(), null);
        case Caller.CareTeamUser user ->
            new Person(ClientType.CARE_TEAM, user.member().id(), user.member().titleName());
        case Caller.Partner _ -> throw new IllegalArgumentException("a partner has no session");
      };
    }
  }

  @Override
  public Optional<Session> find(Secret token, Instant now) {
    return connections.readFirst(FIND.bind(token).set(NOW, now), FIND::session);
  }

  @Override
  public Optional<Session> extend(Secret token, Instant now, Instant idleEnd) {
    return connections.readFirst(
        EXTEND.bind(token).set(NOW, now).set(IDLE_END, idleEnd), EXTEND::session);
  }

  @Override
  public void remove(Secret token) {
    int _ = connections.execute(REMOVE.bind().set(HASH, hash(token)));
  }

  @Override
  public void addLink(Secret link, ChatId chat, Instant expiresAt) {
    int _ =
        connections.execute(ADD_LINK.bind().chat(chat).set(HASH, hash(link)).set(END, expiresAt));
  }

  @Override
  public Optional<ChatId> useLink(Secret link, Instant now) {
    return connections.readFirst(USE_LINK.bind().set(HASH, hash(link)).set(NOW, now), CHAT_OF_LINK);
  }

  @Override
  public int deleteEnded(Instant now, int limit) {
    return Stream.of(DELETE_SESSIONS, DELETE_LINKS)
        .mapToInt(statement ->
            connections.execute(statement.bind().set(NOW, now).set(Parameters.LIMIT, limit)))
        .sum();
  }
}
