package io.carechat.persistence.jdbc;

import static io.carechat.persistence.generated.Tables.CHAT;
import static io.carechat.persistence.generated.Tables.EVENT_CURSOR;
import static io.carechat.persistence.generated.Tables.MESSAGE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.jooq.impl.DSL.any;
import static org.jooq.impl.DSL.field;
import static org.jooq.impl.DSL.inline;
import static org.jooq.impl.DSL.row;
import static org.jooq.impl.DSL.select;
import static org.jooq.impl.DSL.update;
import static org.jooq.impl.DSL.val;

import io.carechat.domain.chat.Samples;
import io.carechat.persistence.TestDatabase;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import org.jooq.Field;
import org.jooq.Param;
import org.jooq.impl.SQLDataType;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class SqlStatementTest {
  private static final Param<String> A = Parameters.text("a");
  private static final Param<Long> B = Parameters.bigint("b");
  private static final Param<Instant> TIME = Parameters.time("time");

  private final Connections connections;

  SqlStatementTest() throws SQLException {
    connections =
        new Connections(TestDatabase.create().connection(), Connections.Purpose.WORKING, "test", 1);
  }

  @AfterAll
  void close() {
    connections.close();
  }

  /** The values of a column, in which null stands for null. */
  private List<@Nullable Object> read(BoundStatement statement, Column<?> column) {
    var values = new ArrayList<@Nullable Object>();
    connections.read(statement, row -> values.add(column.getOrNull(row)));
    return values;
  }

  @Test
  void hasAQuestionMarkForEachPlaceOfAParameterInTheirOrder() {
    SqlStatement statement =
        SqlStatement.of(
            select(CHAT.PATIENT_ID)
                .from(CHAT)
                .where(row(CHAT.TENANT_NAME, CHAT.INSTANCE_NAME).eq(row(A, A)))
                .and(CHAT.LAST_CREATED_AT.gt(TIME))
                .limit(inline(1)));

    assertThat(statement.sql())
        .isEqualTo(
            "select \"carechat\".\"chat\".\"patient_id\" from \"carechat\".\"chat\" where"
                + " ((\"carechat\".\"chat\".\"tenant_name\", \"carechat\".\"chat\".\"instance_name\") ="
                + " (?, ?) and \"carechat\".\"chat\".\"last_created_at\" > cast(? as timestamp with time"
                + " zone)) fetch next 1 rows only");
    assertThat(statement.numbers()).containsExactly(0, 0, 1);
    assertThat(statement.nameOf(1)).isEqualTo("time");
  }

  @Test
  void setsParametersByNameAcrossAllItsQueriesAndGivesTheRowsOfTheLast() {
    Field<String> text = A.concat(inline("!")).as("text");
    Field<Long> number = B.as("number");
    SqlStatement statement = SqlStatement.of(select(B, A), select(text, number));
    Column<String> texts = statement.column(text);
    Column<Long> numbers = statement.column(number);

    BoundStatement bound = statement.bind().set(B, 7L).set(A, "hello");

    assertThat(read(bound, texts)).containsExactly("hello!");
    assertThat(read(bound, numbers)).containsExactly(7L);
  }

  @Test
  void readsAndSetsEveryTypeAndNull() {
    Param<UUID> uuid = Parameters.uuid("uuid");
    Param<Boolean> bool = Parameters.bool("bool");
    Param<Integer> integer = Parameters.integer("integer");
    Param<String[]> texts = Parameters.array("texts", MESSAGE.TENANT_NAME);
    List<Param<?>> params = List.of(A, B, TIME, uuid, bool, integer, texts);
    SqlStatement statement =
        SqlStatement.of(
            select(params.stream().map(param -> param.as(param.getParamName())).toList()));
    UUID id = UUID.randomUUID();
    BoundStatement bound =
        statement
            .bind()
            .set(A, "text")
            .set(B, 1L)
            .set(TIME, Samples.NOON)
            .set(uuid, id)
            .set(bool, true)
            .set(integer, 2)
            .set(texts, List.of(1, 2), number -> number == 1 ? "one" : null);

    assertThat(read(bound, statement.column(A.as("a")))).containsExactly("text");
    assertThat(read(bound, statement.column(B.as("b")))).containsExactly(1L);
    assertThat(read(bound, statement.column(TIME.as("time")))).containsExactly(Samples.NOON);
    assertThat(read(bound, statement.column(uuid.as("uuid")))).containsExactly(id);
    assertThat(read(bound, statement.column(bool.as("bool")))).containsExactly(true);
    assertThat(read(bound, statement.column(integer.as("integer")))).containsExactly(2);
    assertThat(read(bound, statement.column(texts.as("texts"))))
        .singleElement()
        .isEqualTo(new @Nullable String[] {"one", null});

    BoundStatement empty = statement.bind();
    for (Param<?> param : params) {
      empty = empty.set(param, null);
    }
    for (Param<?> param : params) {
      Column<?> column = statement.column(param.as(param.getParamName()));
      assertThat(read(empty, column)).containsOnlyNulls().hasSize(1);
      BoundStatement nothing = empty;
      assertThatIllegalStateException()
          .isThrownBy(() -> connections.read(nothing, column::get))
          .withMessageContaining(String.valueOf(param.getParamName()));
    }
  }

  @Test
  void knowsATimeThatIsLaterThanEveryOther() {
    Field<Boolean> isLater = field("{0} = 'infinity'", SQLDataType.BOOLEAN, TIME).as("is_later");
    SqlStatement statement = SqlStatement.of(select(isLater));

    assertThat(read(statement.bind().set(TIME, Parameters.END_OF_TIME), statement.column(isLater)))
        .containsExactly(true);
  }

  @Test
  void unnestsGivenRowsInTheirOrder() {
    GivenRows given = GivenRows.numbered("given", MESSAGE.TEXT, MESSAGE.CREATED_AT);
    SqlStatement statement =
        SqlStatement.of(
            select(given.ordinal(), given.field(MESSAGE.TEXT), given.field(MESSAGE.CREATED_AT))
                .from(given.table())
                .orderBy(given.ordinal().desc()));
    BoundStatement bound =
        statement
            .bind()
            .set(given, MESSAGE.TEXT, List.of(1, 2), number -> number == 1 ? "one" : null)
            .set(
                given,
                MESSAGE.CREATED_AT,
                List.of(1, 2),
                number -> Samples.NOON.plusSeconds(number));

    assertThat(read(bound, statement.column(given.ordinal()))).containsExactly(2L, 1L);
    assertThat(read(bound, statement.column(MESSAGE.TEXT))).isEqualTo(Arrays.asList(null, "one"));
    assertThat(read(bound, statement.column(MESSAGE.CREATED_AT)))
        .containsExactly(Samples.NOON.plusSeconds(2), Samples.NOON.plusSeconds(1));
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> statement.bind().set(given, MESSAGE.TENANT_NAME, List.of(1), number -> "a"));
  }

  @Test
  void countsTheRowsThatItChanged() {
    Param<String[]> consumers = Parameters.array("consumers", EVENT_CURSOR.CONSUMER);
    SqlStatement statement =
        SqlStatement.of(
            update(EVENT_CURSOR)
                .set(EVENT_CURSOR.LOG_NUMBER, B)
                .where(EVENT_CURSOR.CONSUMER.eq(any(consumers))));

    assertThat(
            connections.execute(
                statement.bind().set(B, 0L).set(consumers, List.of("webhooks", "x"), name -> name)))
        .isEqualTo(1);
  }

  @Test
  void refusesParametersWithoutANameAndTwoTypesOfOneName() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SqlStatement.of(select(val("nameless"))))
        .withMessageContaining("no name");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SqlStatement.of(select(A), select(Parameters.bigint("a"))))
        .withMessageContaining("two types");
  }

  @Test
  void refusesToRunWithoutAValueAndToSetWhatItDoesNotHave() {
    SqlStatement statement = SqlStatement.of(select(A, B));

    assertThatIllegalStateException()
        .isThrownBy(() -> connections.execute(statement.bind().set(A, "only")))
        .withMessageContaining("parameter b");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> statement.bind().set(TIME, Instant.EPOCH));
  }

  @Test
  void refusesColumnsThatItDoesNotSelectOrThatAreAmbiguous() {
    SqlStatement statement =
        SqlStatement.of(
            select(CHAT.PATIENT_ID, MESSAGE.PATIENT_ID, MESSAGE.TEXT).from(CHAT, MESSAGE));

    assertThatIllegalArgumentException().isThrownBy(() -> statement.column(MESSAGE.SENDER_ID));
    assertThatIllegalArgumentException().isThrownBy(() -> statement.column(MESSAGE.PATIENT_ID));
    assertThat(statement.column(MESSAGE.TEXT)).isNotNull();
  }
}
