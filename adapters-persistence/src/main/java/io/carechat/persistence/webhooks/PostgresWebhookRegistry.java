package io.carechat.persistence.webhooks;

import static io.carechat.persistence.generated.Tables.WEBHOOK_ENDPOINT;
import static io.carechat.persistence.generated.Tables.WEBHOOK_ENDPOINT_REVISION;
import static io.carechat.persistence.jdbc.Parameters.like;
import static io.carechat.persistence.webhooks.WebhookKeys.endpoint;
import static org.jooq.impl.DSL.array;
import static org.jooq.impl.DSL.deleteFrom;
import static org.jooq.impl.DSL.field;
import static org.jooq.impl.DSL.inline;
import static org.jooq.impl.DSL.insertInto;
import static org.jooq.impl.DSL.name;
import static org.jooq.impl.DSL.select;
import static org.jooq.impl.DSL.selectCount;
import static org.jooq.impl.DSL.selectDistinct;
import static org.jooq.impl.DSL.splitPart;
import static org.jooq.impl.DSL.unnest;
import static org.jooq.impl.DSL.update;

import io.carechat.domain.chat.ClientType;
import io.carechat.domain.chat.EndpointId;
import io.carechat.domain.chat.Secret;
import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.webhooks.WebhookEndpoint;
import io.carechat.domain.webhooks.WebhookEventType;
import io.carechat.domain.webhooks.WebhookRegistry;
import io.carechat.domain.webhooks.WebhookSecrets;
import io.carechat.domain.webhooks.WebhookSubscription;
import io.carechat.domain.webhooks.WebhookUrlConflict;
import io.carechat.persistence.jdbc.BoundStatement;
import io.carechat.persistence.jdbc.Column;
import io.carechat.persistence.jdbc.Connections;
import io.carechat.persistence.jdbc.Parameters;
import io.carechat.persistence.jdbc.SqlStatement;
import java.net.URI;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.jooq.Field;
import org.jooq.Param;
import org.jooq.Query;
import org.jooq.Table;
import org.jooq.impl.SQLDataType;
import org.jspecify.annotations.Nullable;

/**
 * The endpoints that were made by the API. They change seldom, and one after the other: each change
 * takes the row of the revision first, or, if it also enables or disables, second after the lock of
 * {@link EndpointSwitch}.
 */
public final class PostgresWebhookRegistry implements WebhookRegistry {
  private static final SqlStatement REVISION =
      SqlStatement.of(
          select(WEBHOOK_ENDPOINT_REVISION.REVISION)
              .from(WEBHOOK_ENDPOINT_REVISION)
              .where(WEBHOOK_ENDPOINT_REVISION.ONLY_ROW));

  private static final Column<Long> REVISION_NUMBER =
      REVISION.column(WEBHOOK_ENDPOINT_REVISION.REVISION);

  /** Tells every node that some endpoint has changed. */
  static final SqlStatement NEXT_REVISION =
      SqlStatement.of(
          update(WEBHOOK_ENDPOINT_REVISION)
              .set(
                  WEBHOOK_ENDPOINT_REVISION.REVISION,
                  WEBHOOK_ENDPOINT_REVISION.REVISION.plus(inline(1L)))
              .where(WEBHOOK_ENDPOINT_REVISION.ONLY_ROW));

  private static final SqlStatement OF_INSTANCE =
      SqlStatement.ofInstance(
          select(WEBHOOK_ENDPOINT.fields())
              .from(WEBHOOK_ENDPOINT)
              .where(WEBHOOK_ENDPOINT.TENANT_NAME.eq(Parameters.TENANT))
              .and(WEBHOOK_ENDPOINT.INSTANCE_NAME.eq(Parameters.INSTANCE))
              .orderBy(WEBHOOK_ENDPOINT.CREATED_AT, WEBHOOK_ENDPOINT.ENDPOINT_ID));

  private static final SqlStatement URLS =
      SqlStatement.of(
          select(WEBHOOK_ENDPOINT.ENDPOINT_ID, WEBHOOK_ENDPOINT.URL)
              .from(WEBHOOK_ENDPOINT)
              .where(WEBHOOK_ENDPOINT.TENANT_NAME.eq(Parameters.TENANT))
              .and(WEBHOOK_ENDPOINT.INSTANCE_NAME.eq(Parameters.INSTANCE)));

  private static final Column<String> URL_ENDPOINT = URLS.column(WEBHOOK_ENDPOINT.ENDPOINT_ID);
  private static final Column<String> URL = URLS.column(WEBHOOK_ENDPOINT.URL);

  private static final EndpointColumns COLUMNS = new EndpointColumns(OF_INSTANCE);

  private static final Field<String> KEY_ID = field(name("key_id"), SQLDataType.CLOB);
  private static final SqlStatement KEYS_IN_USE = SqlStatement.of(keysInUse());
  private static final Column<String> KEY_IN_USE = KEYS_IN_USE.column(KEY_ID);

  private static final Param<Integer> MAX = Parameters.integer("max");
  private static final Param<Long> FORMER_VERSION = Parameters.bigint("former_version");

  /** Every column that a change sets, which are all but those of the key. */
  private static final List<Field<?>> CHANGED =
      List.of(
          WEBHOOK_ENDPOINT.URL,
          WEBHOOK_ENDPOINT.PAYLOAD,
          WEBHOOK_ENDPOINT.EVENT_TYPES,
          WEBHOOK_ENDPOINT.SENDERS,
          WEBHOOK_ENDPOINT.DESCRIPTION,
          WEBHOOK_ENDPOINT.API_KEY,
          WEBHOOK_ENDPOINT.API_SECRET,
          WEBHOOK_ENDPOINT.SIGNING_KEY,
          WEBHOOK_ENDPOINT.OTHER_SIGNING_KEY,
          WEBHOOK_ENDPOINT.OTHER_UNTIL,
          WEBHOOK_ENDPOINT.AFTER_TRANSACTION,
          WEBHOOK_ENDPOINT.AFTER_NUMBER,
          WEBHOOK_ENDPOINT.VERSION,
          WEBHOOK_ENDPOINT.CREATED_AT,
          WEBHOOK_ENDPOINT.UPDATED_AT);

  private static final SqlStatement ADD = SqlStatement.of(add());

  private static final SqlStatement REPLACE =
      SqlStatement.of(
          update(WEBHOOK_ENDPOINT)
              .set(values(CHANGED))
              .where(endpoint(WEBHOOK_ENDPOINT).eq(endpoint()))
              .and(WEBHOOK_ENDPOINT.VERSION.eq(FORMER_VERSION)));

  private static final SqlStatement REMOVE =
      SqlStatement.of(
          deleteFrom(WEBHOOK_ENDPOINT).where(endpoint(WEBHOOK_ENDPOINT).eq(endpoint())));

  private final Connections reading;
  private final Connections working;
  private final EncryptedCells cells;
  private final LaneChanges lanes;
  private final InstantSource clock;

  /**
   * @param random must be cryptographically strong
   * @param clock when an endpoint was disabled, and when its lanes become due
   * @throws IllegalStateException if there are secrets of a key that is not among these; the
   *     message names it
   */
  public PostgresWebhookRegistry(
      Connections reading,
      Connections working,
      SecretsKeys keys,
      RandomGenerator random,
      InstantSource clock) {
    this.reading = reading;
    this.working = working;
    this.cells = new EncryptedCells(keys, random);
    this.lanes = new LaneChanges(working);
    this.clock = clock;
    List<String> missing =
        working.read(KEYS_IN_USE.bind(), KEY_IN_USE::get).stream()
            .filter(id -> keys.named(id).isEmpty())
            .toList();
    if (!missing.isEmpty()) {
      throw new IllegalStateException(
          "Secrets of webhook endpoints are encrypted with keys that are not configured: "
              + String.join(", ", missing)
              + ". Add them to secrets.key, after the one that is to be used from now on.");
    }
  }

  private static Query keysInUse() {
    Field<String> secret = field(name("secret", "secret"), SQLDataType.CLOB);
    Table<?> secrets =
        unnest(
                array(
                    WEBHOOK_ENDPOINT.API_KEY,
                    WEBHOOK_ENDPOINT.API_SECRET,
                    WEBHOOK_ENDPOINT.SIGNING_KEY,
                    WEBHOOK_ENDPOINT.OTHER_SIGNING_KEY))
            .as("secret", "secret");
    return selectDistinct(splitPart(secret, inline("."), inline(1)).as(KEY_ID))
        .from(WEBHOOK_ENDPOINT)
        .crossJoin(secrets)
        .where(secret.isNotNull())
        .orderBy(KEY_ID);
  }

  /** Adds nothing if the instance would have too many. */
  private static Query add() {
    Map<Field<?>, Field<?>> values = values(CHANGED);
    values.put(WEBHOOK_ENDPOINT.TENANT_NAME, Parameters.TENANT);
    values.put(WEBHOOK_ENDPOINT.INSTANCE_NAME, Parameters.INSTANCE);
    values.put(WEBHOOK_ENDPOINT.ENDPOINT_ID, WebhookKeys.ENDPOINT);
    Field<Integer> present =
        field(
            selectCount()
                .from(WEBHOOK_ENDPOINT)
                .where(WEBHOOK_ENDPOINT.TENANT_NAME.eq(Parameters.TENANT))
                .and(WEBHOOK_ENDPOINT.INSTANCE_NAME.eq(Parameters.INSTANCE)));
    return insertInto(WEBHOOK_ENDPOINT, values.keySet())
        .select(select(values.values()).where(present.lt(MAX)));
  }

  /** A parameter for each column, in their order. */
  private static Map<Field<?>, Field<?>> values(List<Field<?>> columns) {
    Map<Field<?>, Field<?>> values = new LinkedHashMap<>();
    columns.forEach(column -> values.put(column, Parameters.like(column)));
    return values;
  }

  @Override
  public long revision() {
    return working.read(REVISION.bind(), REVISION_NUMBER::get).getFirst();
  }

  @Override
  public boolean keepsSecrets() {
    return cells.canEncrypt();
  }

  @Override
  public List<WebhookEndpoint> of(TenantInstance instance) {
    return reading.read(
        OF_INSTANCE.bind().instance(instance), row -> COLUMNS.read(instance, cells, row));
  }

  @Override
  public boolean add(WebhookEndpoint endpoint, boolean enabled, int max) {
    return change(
        endpoint.instance(),
        endpoint.id(),
        bind(ADD, endpoint).set(MAX, max),
        present -> WebhookUrlConflict.check(endpoint.id(), endpoint.url(), present),
        enabled ? null : false);
  }

  @Override
  public boolean replace(WebhookEndpoint changed, @Nullable Boolean enabled) {
    return change(
        changed.instance(),
        changed.id(),
        bind(REPLACE, changed).set(FORMER_VERSION, api(changed).version() - 1),
        present -> WebhookUrlConflict.checkChange(changed.id(), changed.url(), present),
        enabled);
  }

  /** What waits because the endpoint was disabled becomes due, as if it had been enabled. */
  @Override
  public boolean remove(TenantInstance instance, EndpointId id) {
    return change(instance, id, WebhookKeys.bind(REMOVE.bind(), instance, id), null, true);
  }

  /**
   * Makes a change of one row, counts it, and enables or disables: all of it or nothing.
   *
   * <p>The row of the revision is locked when the URLs are read. So no other change comes between.
   *
   * @param urlCheck refuses the change by an exception, given the URLs before it; null to check
   *     nothing
   * @param enabled null to leave that as it is
   */
  private boolean change(
      TenantInstance instance,
      EndpointId id,
      BoundStatement change,
      @Nullable Consumer<Map<EndpointId, URI>> urlCheck,
      @Nullable Boolean enabled) {
    Instant now = clock.instant();
    boolean changed =
        working.inTransaction(connection -> {
          if (enabled != null) {
            EndpointSwitch.lock(connection);
          }
          int _ = NEXT_REVISION.bind().execute(connection);
          Map<EndpointId, URI> present = urlCheck == null ? Map.of() : urls(connection, instance);
          if (change.execute(connection) != 1) {
            connection.rollback();
            return false;
          }
          if (urlCheck != null) {
            urlCheck.accept(present);
          }
          if (enabled != null) {
            boolean _ =
                enabled
                    ? EndpointSwitch.enable(connection, instance, id)
                    : EndpointSwitch.disable(connection, instance, id, null, now);
          }
          return true;
        });
    if (changed && enabled != null) {
      lanes.begin(instance, id, now);
    }
    return changed;
  }

  private static Map<EndpointId, URI> urls(Connection connection, TenantInstance instance)
      throws SQLException {
    Map<EndpointId, URI> urls = new HashMap<>();
    List<Map.Entry<EndpointId, URI>> rows =
        URLS.bind()
            .instance(instance)
            .read(
                connection,
                row -> Map.entry(new EndpointId(URL_ENDPOINT.get(row)), URI.create(URL.get(row))));
    rows.forEach(row -> urls.put(row.getKey(), row.getValue()));
    return urls;
  }

  private BoundStatement bind(SqlStatement statement, WebhookEndpoint endpoint) {
    WebhookSubscription subscription = endpoint.subscription();
    WebhookSecrets secrets = endpoint.secrets();
    WebhookEndpoint.Origin.Api api = api(endpoint);
    return WebhookKeys.bind(statement.bind(), endpoint.instance(), endpoint.id())
        .set(like(WEBHOOK_ENDPOINT.URL), subscription.url().toString())
        .set(like(WEBHOOK_ENDPOINT.PAYLOAD), subscription.payload().name())
        .set(
            like(WEBHOOK_ENDPOINT.EVENT_TYPES),
            subscription.eventTypes().stream().sorted().toList(),
            WebhookEventType::wireName)
        .set(
            like(WEBHOOK_ENDPOINT.SENDERS),
            subscription.senders().stream().sorted().toList(),
            ClientType::name)
        .set(like(WEBHOOK_ENDPOINT.DESCRIPTION), subscription.description())
        .set(
            like(WEBHOOK_ENDPOINT.API_KEY),
            encrypted(endpoint, WEBHOOK_ENDPOINT.API_KEY, secrets.apiKey()))
        .set(
            like(WEBHOOK_ENDPOINT.API_SECRET),
            encrypted(endpoint, WEBHOOK_ENDPOINT.API_SECRET, secrets.apiSecret()))
        .set(
            like(WEBHOOK_ENDPOINT.SIGNING_KEY),
            encrypted(endpoint, WEBHOOK_ENDPOINT.SIGNING_KEY, secrets.signingKey()))
        .set(
            like(WEBHOOK_ENDPOINT.OTHER_SIGNING_KEY),
            encrypted(endpoint, WEBHOOK_ENDPOINT.OTHER_SIGNING_KEY, secrets.otherSigningKey()))
        .set(like(WEBHOOK_ENDPOINT.OTHER_UNTIL), secrets.otherUntil())
        .set(like(WEBHOOK_ENDPOINT.AFTER_TRANSACTION), api.after().transaction())
        .set(like(WEBHOOK_ENDPOINT.AFTER_NUMBER), api.after().number())
        .set(like(WEBHOOK_ENDPOINT.VERSION), api.version())
        .set(like(WEBHOOK_ENDPOINT.CREATED_AT), api.createdAt())
        .set(like(WEBHOOK_ENDPOINT.UPDATED_AT), api.updatedAt());
  }

  private static WebhookEndpoint.Origin.Api api(WebhookEndpoint endpoint) {
    return switch (endpoint.origin()) {
      case WebhookEndpoint.Origin.Api api -> api;
      case WebhookEndpoint.Origin.Configuration configuration ->
          throw new IllegalStateException("An endpoint of the configuration is not kept");
    };
  }

  private @Nullable String encrypted(
      WebhookEndpoint endpoint, Field<String> column, @Nullable Secret secret) {
    return secret == null
        ? null
        : cells.encrypt(
            secret, new EncryptedCells.Cell(endpoint.instance(), endpoint.id(), column));
  }
}
