package io.carechat.persistence;

import io.carechat.domain.chat.ManualClock;
import io.carechat.domain.chat.Samples;
import io.carechat.domain.chat.Secret;
import io.carechat.domain.events.EventLog;
import io.carechat.domain.feeds.InstanceEvents;
import io.carechat.domain.inbox.ChatDirectory;
import io.carechat.domain.inbox.ReadMarkers;
import io.carechat.domain.messages.MessageLog;
import io.carechat.domain.webhooks.WebhookRegistryContract;
import io.carechat.domain.webhooks.delivery.DeliveryPorts;
import java.security.SecureRandom;
import java.sql.SQLException;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.TestInstance;

/**
 * A storage and a database of its own for a test class. It gives the ports that the contracts of
 * tests ask for.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
public abstract class StorageTest {
  protected final TestDatabase database;
  protected final PostgresStorage storage;
  private final ManualClock clock = new ManualClock(Samples.NOON);
  private final DeliveryPorts ports;

  protected StorageTest() {
    try {
      database = TestDatabase.create();
    } catch (SQLException e) {
      throw new IllegalStateException("There is no database for this test", e);
    }
    storage = PostgresStorage.open(database.settings(), clock, () -> {});
    ports =
        new DeliveryPorts(
            storage.deliveryPlans(),
            storage.deliveryQueue(),
            storage.endpointStates(),
            storage.redeliveries(),
            storage.deliveryRetention(),
            storage.deliveryQueries(),
            storage.webhookRegistry(
                Optional.of(new Secret("k1:" + WebhookRegistryContract.newKey().value())),
                new SecureRandom()));
  }

  @AfterAll
  void close() {
    storage.close();
  }

  /** The messages. */
  public MessageLog log() {
    return storage.messages();
  }

  /** The events of all instances. */
  public EventLog events() {
    return storage.events();
  }

  /** The events of an instance or a chat. */
  public InstanceEvents instanceEvents() {
    return storage.instanceEvents();
  }

  /** The chats. */
  public ChatDirectory chats() {
    return storage.chats();
  }

  /** The read markers. */
  public ReadMarkers markers() {
    return storage.readMarkers();
  }

  /** The ports of delivery, with a registry that has a key for secrets. */
  public DeliveryPorts ports() {
    return ports;
  }

  /** The clock of the storage. */
  public ManualClock clock() {
    return clock;
  }
}
