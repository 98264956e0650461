package io.carechat.persistence.webhooks;

import static io.carechat.persistence.generated.Tables.WEBHOOK_ENDPOINT;

import io.carechat.domain.chat.ClientType;
import io.carechat.domain.chat.EndpointId;
import io.carechat.domain.chat.Secret;
import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.events.LogPosition;
import io.carechat.domain.webhooks.WebhookEndpoint;
import io.carechat.domain.webhooks.WebhookEventType;
import io.carechat.domain.webhooks.WebhookPayload;
import io.carechat.domain.webhooks.WebhookSecrets;
import io.carechat.domain.webhooks.WebhookSubscription;
import io.carechat.persistence.jdbc.Column;
import io.carechat.persistence.jdbc.SqlStatement;
import java.net.URI;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jooq.Field;
import org.jspecify.annotations.Nullable;

/** Reads endpoints from the rows of a statement. Immutable. */
final class EndpointColumns {
  private final Column<String> id;
  private final Column<String> url;
  private final Column<String> payload;
  private final Column<String[]> eventTypes;
  private final Column<String[]> senders;
  private final Column<String> description;
  private final Column<String> apiKey;
  private final Column<String> apiSecret;
  private final Column<String> signingKey;
  private final Column<String> otherSigningKey;
  private final Column<Instant> otherUntil;
  private final Column<Long> afterTransaction;
  private final Column<Long> afterNumber;
  private final Column<Long> version;
  private final Column<Instant> createdAt;
  private final Column<Instant> updatedAt;

  /** For a statement that selects all columns of the table. */
  EndpointColumns(SqlStatement statement) {
    id = statement.column(WEBHOOK_ENDPOINT.ENDPOINT_ID);
    url = statement.column(WEBHOOK_ENDPOINT.URL);
    payload = statement.column(WEBHOOK_ENDPOINT.PAYLOAD);
    eventTypes = statement.column(WEBHOOK_ENDPOINT.EVENT_TYPES);
    senders = statement.column(WEBHOOK_ENDPOINT.SENDERS);
    description = statement.column(WEBHOOK_ENDPOINT.DESCRIPTION);
    apiKey = statement.column(WEBHOOK_ENDPOINT.API_KEY);
    apiSecret = statement.column(WEBHOOK_ENDPOINT.API_SECRET);
    signingKey = statement.column(WEBHOOK_ENDPOINT.SIGNING_KEY);
    otherSigningKey = statement.column(WEBHOOK_ENDPOINT.OTHER_SIGNING_KEY);
    otherUntil = statement.column(WEBHOOK_ENDPOINT.OTHER_UNTIL);
    afterTransaction = statement.column(WEBHOOK_ENDPOINT.AFTER_TRANSACTION);
    afterNumber = statement.column(WEBHOOK_ENDPOINT.AFTER_NUMBER);
    version = statement.column(WEBHOOK_ENDPOINT.VERSION);
    createdAt = statement.column(WEBHOOK_ENDPOINT.CREATED_AT);
    updatedAt = statement.column(WEBHOOK_ENDPOINT.UPDATED_AT);
  }

  /** The endpoint of a row, whose instance is known. */
  WebhookEndpoint read(TenantInstance instance, EncryptedCells cells, ResultSet row)
      throws SQLException {
    var endpoint = new EndpointId(id.get(row));
    var decrypter = new Decrypter(cells, instance, endpoint);
    return new WebhookEndpoint(
        instance,
        endpoint,
        new WebhookSubscription(
            URI.create(url.get(row)),
            WebhookPayload.valueOf(payload.get(row)),
            set(eventTypes.get(row), name -> WebhookEventType.ofWireName(name).orElseThrow()),
            set(senders.get(row), ClientType::valueOf),
            description.get(row)),
        new WebhookSecrets(
            decrypter.secretOrNull(apiKey.getOrNull(row), WEBHOOK_ENDPOINT.API_KEY),
            decrypter.secretOrNull(apiSecret.getOrNull(row), WEBHOOK_ENDPOINT.API_SECRET),
            decrypter.secret(signingKey.get(row), WEBHOOK_ENDPOINT.SIGNING_KEY),
            decrypter.secretOrNull(
                otherSigningKey.getOrNull(row), WEBHOOK_ENDPOINT.OTHER_SIGNING_KEY),
            otherUntil.getOrNull(row)),
        new WebhookEndpoint.Origin.Api(
            new LogPosition(afterTransaction.get(row), afterNumber.get(row)),
            version.get(row),
            createdAt.get(row),
            updatedAt.get(row)));
  }

  private static <T> Set<T> set(String[] names, Function<String, T> value) {
    return Stream.of(names).map(value).collect(Collectors.toSet());
  }

  /** Decrypts the cells of one endpoint. */
  private record Decrypter(EncryptedCells cells, TenantInstance instance, EndpointId endpoint) {
    Secret secret(String encrypted, Field<String> column) {
      return cells.decrypt(encrypted, new EncryptedCells.Cell(instance, endpoint, column));
    }

    @Nullable Secret secretOrNull(@Nullable String encrypted, Field<String> column) {
      return encrypted == null ? null : secret(encrypted, column);
    }
  }
}
