package io.carechat.persistence.webhooks;
import io.carechat.domain.chat.ClientType;
import io.carechat.domain.chat.Secret;
import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.events.LogPosition;
import io.carechat.domain.webhooks.WebhookEndpoint;
import io.carechat.domain.webhooks.WebhookEventType;
import io.carechat.domain.webhooks.WebhookPayload;
import io.carechat.domain.webhooks.WebhookRegistry;
import io.carechat.domain.webhooks.WebhookSecrets;
import io.carechat.domain.webhooks.WebhookSubscription;
import io.carechat.persistence.jdbc.Connections;
import io.carechat.persistence.jdbc.Parameters;
import io.carechat.persistence.jdbc.Rows;
import java.net.URI;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The endpoints that were made by the API. They change seldom, and one after another: each change
 * takes the row of the revision first.
 */
final class PostgresWebhookRegistry implements WebhookRegistry {
  private static final String REVISION =
      "select revision from carechat.webhook_endpoint_revision where only_row";

  private static final String NEXT_REVISION =
      "update carechat.webhook_endpoint_revision set revision = revision + 1 where only_row";

  private static final String OF =
      """
      select *
      from carechat.webhook_endpoint
      where tenant_name = ? and instance_name = ?
      order by created_at, endpoint_id
      """;

  private static final String KEYS_IN_USE =
      """
      select distinct split_part(secret, '.', 1) as key_id
      from carechat.webhook_endpoint
        cross join lateral unnest(array[api_key, api_secret, signing_key, other_signing_key]) as secret
      where secret is not null
      order by 1
      """;

  private static final String ADD =
      """
      insert into carechat.webhook_endpoint (
        url, payload, event_types, senders, description, api_key, api_secret, signing_key, other_signing_key,
        other_until, after_transaction, after_number, version, created_at, updated_at, tenant_name, instance_name,
        endpoint_id)
      select ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?
      where (
        select count(*) from carechat.webhook_endpoint where tenant_name = ? and instance_name = ?) < ?
      """;

  private static final String REPLACE =
      """
      update carechat.webhook_endpoint
      set (
        url, payload, event_types, senders, description, api_key, api_secret, signing_key, other_signing_key,
        other_until, after_transaction, after_number, version, created_at, updated_at)
        = row (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
      where tenant_name = ? and instance_name = ? and endpoint_id = ? and version = ?
      """;

  private static final String REMOVE =
      """
      delete from carechat.webhook_endpoint
      where tenant_name = ? and instance_name = ? and endpoint_id = ?
      """;

  private final Connections reading;
  private final Connections working;
  private final EncryptedCells cells;

  /**
   * @param random must be cryptographically strong
   * @throws IllegalStateException if there are secrets of a key that is not among these; the
   *     message names it
   */
  PostgresWebhookRegistry(
      Connections reading, Connections working, SecretsKeys keys, RandomGenerator random) {
    this.reading = reading;
    this.working = working;
    this.cells = new EncryptedCells(keys, random);
    List<String> missing =
        working.read(KEYS_IN_USE, parameters -> {}, row -> row.getString("key_id")).stream()
            .filter(id -> keys.named(id).isEmpty())
            .toList();
    if (!missing.isEmpty()) {
      throw new IllegalStateException(
          "Secrets of webhook endpoints are encrypted with keys that are not configured: "
              + String.join(", ", missing)
              + ". Add them to secrets.key, after the one that is to be used from now on.");
    }
  }

  @Override
  public long revision() {
    return working.read(REVISION, parameters -> {}, row -> row.getLong("revision")).getFirst();
  }

  @Override
  public boolean keepsSecrets() {
    return cells.canEncrypt();
  }

  @Override
  public List<WebhookEndpoint> of(TenantInstance instance) {
    return reading.read(
        instance,
        OF,
        parameters -> parameters.text(instance.tenantName()).text(instance.instanceName()),
        row -> endpoint(instance, row));
  }

  @Override
  public boolean add(WebhookEndpoint endpoint, int most) {
    TenantInstance instance = endpoint.instance();
    return change(
        ADD,
        parameters ->
            all(parameters, endpoint)
                .text(instance.tenantName())
                .text(instance.instanceName())
                .number(most));
  }

  @Override
  public boolean replace(WebhookEndpoint changed) {
    return change(
        REPLACE, parameters -> all(parameters, changed).number(api(changed).version() - 1));
  }

  @Override
  public boolean remove(TenantInstance instance, String id) {
    return change(
        REMOVE,
        parameters -> parameters.text(instance.tenantName()).text(instance.instanceName()).text(id));
  }

  /** Makes a change and counts it, or neither. */
  private boolean change(String sql, Parameters.Setting parameters) {
    return working.inTransaction(connection -> {
      int _ = execute(connection, NEXT_REVISION, none -> {});
      if (execute(connection, sql, parameters) == 1) {
        return true;
      }
      connection.rollback();
      return false;
    });
  }

  private static int execute(Connection connection, String sql, Parameters.Setting parameters)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      parameters.to(new Parameters(statement));
      return statement.executeUpdate();
    }
  }

  /** Every column, the key last. */
  private Parameters all(Parameters parameters, WebhookEndpoint endpoint) throws SQLException {
    WebhookSubscription subscription = endpoint.subscription();
    WebhookSecrets secrets = endpoint.secrets();
    WebhookEndpoint.Origin.Api api = api(endpoint);
    return parameters
        .text(subscription.url().toString())
        .text(subscription.payload().name())
        .column(
            "text",
            subscription.eventTypes().stream().sorted().toList(),
            WebhookEventType::wireName)
        .column("text", subscription.senders().stream().sorted().toList(), ClientType::name)
        .text(subscription.description())
        .textOrNull(encrypted(endpoint, "api_key", secrets.apiKey()))
        .textOrNull(encrypted(endpoint, "api_secret", secrets.apiSecret()))
        .textOrNull(encrypted(endpoint, "signing_key", secrets.signingKey()))
        .textOrNull(encrypted(endpoint, "other_signing_key", secrets.otherSigningKey()))
        .timeOrNull(secrets.otherUntil())
        .number(api.after().transaction())
        .number(api.after().number())
        .number(api.version())
        .time(api.createdAt())
        .time(api.updatedAt())
        .text(endpoint.instance().tenantName())
        .text(endpoint.instance().instanceName())
        .text(endpoint.id());
  }

  private static WebhookEndpoint.Origin.Api api(WebhookEndpoint endpoint) {
    return switch (endpoint.origin()) {
      case WebhookEndpoint.Origin.Api api -> api;
      case WebhookEndpoint.Origin.Configuration configuration ->
          throw new IllegalStateException("An endpoint of the configuration is not kept");
    };
  }

  private @Nullable String encrypted(
      WebhookEndpoint endpoint, String column, @Nullable Secret secret) {
    return secret == null
        ? null
        : cells.encrypt(secret, new EncryptedCells.Cell(endpoint.instance(), endpoint.id(), column));
  }

  private WebhookEndpoint endpoint(TenantInstance instance, ResultSet row) throws SQLException {
    String id = row.getString("endpoint_id");
    return new WebhookEndpoint(
        instance,
        id,
        new WebhookSubscription(
            URI.create(row.getString("url")),
            WebhookPayload.valueOf(row.getString("payload")),
            texts(row, "event_types")
                .map(name -> WebhookEventType.ofWireName(name).orElseThrow())
                .collect(Collectors.toSet()),
            texts(row, "senders").map(ClientType::valueOf).collect(Collectors.toSet()),
            row.getString("description")),
        new WebhookSecrets(
            decrypted(instance, id, "api_key", row),
            decrypted(instance, id, "api_secret", row),
            cells.decrypt(
                row.getString("signing_key"), new EncryptedCells.Cell(instance, id, "signing_key")),
            decrypted(instance, id, "other_signing_key", row),
            row.getObject("other_until") == null ? null : Rows.time(row, "other_until")),
        new WebhookEndpoint.Origin.Api(
            new LogPosition(row.getLong("after_transaction"), row.getLong("after_number")),
            row.getLong("version"),
            Rows.time(row, "created_at"),
            Rows.time(row, "updated_at")));
  }

  private static Stream<String> texts(ResultSet row, String column) throws SQLException {
    Array array = row.getArray(column);
    return Stream.of((String[]) array.getArray());
  }

  private @Nullable Secret decrypted(TenantInstance instance, String id, String column, ResultSet row)
      throws SQLException {
    String encrypted = row.getString(column);
    return encrypted == null
        ? null
        : cells.decrypt(encrypted, new EncryptedCells.Cell(instance, id, column));
  }
}
