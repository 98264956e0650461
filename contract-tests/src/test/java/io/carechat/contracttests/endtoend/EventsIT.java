package io.carechat.contracttests.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import io.carechat.api.checked.CheckingHttpClient;
import io.carechat.bootstrap.Carechat;
import io.carechat.client.ApiClient;
import io.carechat.client.EventsApi;
import io.carechat.client.MessagesApi;
import io.carechat.client.model.Event;
import io.carechat.client.model.EventList;
import io.carechat.client.model.MessageItem;
import io.carechat.client.model.MessagePage;
import io.carechat.client.model.NewMessage;
import io.carechat.contracttests.running.RunningService;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Events, with two nodes of the service on one database. */
@ExtendWith(RunningService.Parameter.class)
final class EventsIT {
  private static final String TENANT = RunningService.INSTANCE.tenantName();
  private static final String INSTANCE = RunningService.INSTANCE.instanceName();
  private static final int WRITERS = 8;
  private static final int EACH = 25;
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final RunningService service;
  private final HttpClient http = new CheckingHttpClient(HttpClient.newHttpClient());
  private final List<UUID> patients =
      IntStream.range(0, 3).mapToObj(i -> UUID.randomUUID()).toList();

  EventsIT(RunningService service) {
    this.service = service;
  }

  @AfterEach
  void close() {
    http.close();
  }

  /** The nodes for a stream's connections. Each time the stream ends, the next node is used. */
  private record Nodes(List<URI> urls) {
    URI next(int time) {
      return urls.get(Math.min(time, urls.size() - 1));
    }
  }

  @Test
  void streamsTellEverythingOnceInOrderWhereverItWasSentAndAfterTheirNodeStopped()
      throws Exception {
    String start = client(service.url()).listEvents(TENANT, INSTANCE, "now", null, null).getAfter();
    Carechat other = Carechat.start(service.settings());
    URI otherUrl = URI.create("http://127.0.0.1:" + other.port());
    var sent = new AtomicInteger();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var nodes = new Nodes(List.of(otherUrl, service.url()));
      Future<List<Event>> ofInstance =
          threads.submit(
              () -> followed(nodes, "/events/stream", start, WRITERS * EACH, this::isOurs));
      UUID patient = patients.getFirst();
      Future<List<Event>> ofChat =
          threads.submit(() ->
              followed(
                  nodes,
                  "/patients/" + patient + "/events/stream",
                  start,
                  sentTo(0),
                  event -> true));
      var writers = new ArrayList<Future<?>>();
      for (int i = 0; i < WRITERS; i++) {
        int writer = i;
        writers.add(
            threads.submit(() -> {
              for (int n = 0; n < EACH; n++) {
                // The other node is stopped halfway through, so it gets no messages.
                MessagesApi messages = service.client(RunningService.ApiKey.PARTNER);
                messages.sendMessage(
                    TENANT,
                    INSTANCE,
                    patients.get((writer + n) % patients.size()),
                    new NewMessage().message(writer + " " + n),
                    null);
                if (sent.incrementAndGet() == WRITERS * EACH / 2) {
                  other.close();
                }
              }
            }));
      }
      for (Future<?> writer : writers) {
        writer.get();
      }

      List<String> streamed = ids(ofInstance.get());
      assertThat(streamed).hasSize(WRITERS * EACH).doesNotHaveDuplicates();
      assertThat(streamed).isEqualTo(ids(pulled(start)));
      for (UUID each : patients) {
        assertThat(ofInstance.get().stream().filter(event -> each.equals(event.getPatientId())))
            .extracting(EventsIT::externalId)
            .containsExactlyElementsOf(found(each));
      }
      assertThat(ofChat.get()).extracting(EventsIT::externalId).isEqualTo(found(patient));
    } finally {
      other.close();
    }
  }

  @Test
  void whoWaitsOnOneNodeIsToldOfWhatWasSentToTheOther() throws Exception {
    UUID patient = UUID.randomUUID();
    try (Carechat other = Carechat.start(service.settings());
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      EventsApi events = client(URI.create("http://127.0.0.1:" + other.port()));
      String now = events.listChatEvents(TENANT, INSTANCE, patient, "now", null, null).getAfter();
      Future<EventList> waiting =
          threads.submit(() -> events.listChatEvents(TENANT, INSTANCE, patient, now, 10, 30));
      String id =
          service
              .client(RunningService.ApiKey.PARTNER)
              .sendMessage(TENANT, INSTANCE, patient, new NewMessage().message("hello"), null)
              .getExternalId();
      assertThat(waiting.get().getEvents()).extracting(EventsIT::externalId).containsExactly(id);
    }
  }

  private EventsApi client(URI url) {
    var client =
        new ApiClient() {
          @Override
          public HttpClient getHttpClient() {
            return http;
          }
        };
    client.updateBaseUri(url.toString());
    client.setRequestInterceptor(
        request -> request.header("X-API-KEY", service.apiKey(RunningService.ApiKey.PARTNER)));
    return new EventsApi(client);
  }

  private boolean isOurs(Event event) {
    return event.getPatientId() != null && patients.contains(event.getPatientId());
  }

  /** How many messages go to one of the patients. */
  private int sentTo(int index) {
    int count = 0;
    for (int writer = 0; writer < WRITERS; writer++) {
      for (int n = 0; n < EACH; n++) {
        count += (writer + n) % patients.size() == index ? 1 : 0;
      }
    }
    return count;
  }

  /** Follows a stream until it has this many events. Opens it on the next node whenever it ends. */
  private List<Event> followed(
      Nodes nodes, String path, String start, int count, Predicate<Event> wanted) throws Exception {
    var events = new ArrayList<Event>();
    String last = start;
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    try (HttpClient streaming = new CheckingHttpClient(HttpClient.newHttpClient())) {
      for (int time = 0; events.size() < count && System.nanoTime() < deadline; time++) {
        HttpRequest request =
            HttpRequest.newBuilder(
                    URI.create(nodes.next(time) + "/api/v1/" + RunningService.INSTANCE + path))
                .header("X-API-KEY", service.apiKey(RunningService.ApiKey.PARTNER))
                .header("Last-Event-ID", last)
                .timeout(PATIENCE)
                .build();
        try (Stream<String> lines =
            streaming.send(request, HttpResponse.BodyHandlers.ofLines()).body()) {
          for (String line : (Iterable<String>) lines::iterator) {
            Event event = event(line);
            if (event == null) {
              continue;
            }
            last = event.getId();
            if (event.getType().equals("message.sent") && wanted.test(event)) {
              events.add(event);
              if (events.size() == count) {
                break;
              }
            }
          }
        } catch (IOException | UncheckedIOException disconnected) {
          assertThat(System.nanoTime()).isLessThan(deadline);
        }
      }
    }
    return events;
  }

  private static @Nullable Event event(String line) throws IOException {
    return line.startsWith("data: ")
        ? new ApiClient().getObjectMapper().readValue(line.substring(6), Event.class)
        : null;
  }

  /** The events of our patients after a position, pulled in small batches. */
  private List<Event> pulled(String start) {
    var events = new ArrayList<Event>();
    EventsApi api = client(service.url());
    EventList list = api.listEvents(TENANT, INSTANCE, start, 7, null);
    while (!list.getEvents().isEmpty()) {
      list.getEvents().stream().filter(this::isOurs).forEach(events::add);
      list = api.listEvents(TENANT, INSTANCE, list.getAfter(), 7, null);
    }
    return events;
  }

  private static List<String> ids(List<Event> events) {
    return events.stream().map(Event::getId).toList();
  }

  private static String externalId(Event event) {
    return Objects.requireNonNull(event.getMessage()).getExternalId();
  }

  /** The ids of a patient's messages, oldest first. */
  private List<String> found(UUID patient) {
    var ids = new ArrayList<String>();
    MessagesApi messages = service.client(RunningService.ApiKey.PARTNER);
    MessagePage page = messages.findMessages(TENANT, INSTANCE, patient, 200, null);
    while (true) {
      page.getContent().stream()
          .map(MessageItem::getMessage)
          .forEach(m -> ids.add(m.getExternalId()));
      if (page.getMeta().getNextPageToken() == null) {
        return ids.reversed();
      }
      page =
          messages.findMessages(TENANT, INSTANCE, patient, null, page.getMeta().getNextPageToken());
    }
  }
}
