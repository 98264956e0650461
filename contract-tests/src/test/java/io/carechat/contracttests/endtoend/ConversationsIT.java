package io.carechat.contracttests.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.tomakehurst.wiremock.verification.LoggedRequest;
import io.carechat.client.MessagesApi;
import io.carechat.client.model.CareTeamSender;
import io.carechat.client.model.Message;
import io.carechat.client.model.MessageItem;
import io.carechat.client.model.MessagePage;
import io.carechat.client.model.MessageSearch;
import io.carechat.client.model.NewMessage;
import io.carechat.contracttests.running.Eventually;
import io.carechat.contracttests.running.RunningService;
import io.carechat.contracttests.running.SignedCall;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Four conversations with 500 messages in total. 16 threads send them through the generated client,
 * while other threads read them. Then the tests check everything that must be true of them.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@ExtendWith(RunningService.Parameter.class)
final class ConversationsIT {
  private static final int MESSAGES = 500;
  private static final int THREADS = 16;
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final List<UUID> PATIENTS =
      IntStream.range(0, 4).mapToObj(i -> UUID.randomUUID()).toList();

  private final RunningService service;
  private final MessagesApi messages;

  /** The acknowledged messages, by patient. */
  private final Map<UUID, ConcurrentLinkedQueue<Message>> acknowledged = new ConcurrentHashMap<>();

  /** Messages that were acknowledged, but that a search right afterwards did not find. */
  private final List<String> notFound = new ArrayList<>();

  /** What the reading threads saw, by patient, in the order in which they saw it. */
  private final Map<UUID, List<String>> readAlong = new ConcurrentHashMap<>();

  ConversationsIT(RunningService service) {
    this.service = service;
    this.messages = service.client(RunningService.ApiKey.PARTNER);
  }

  @BeforeAll
  void converse() throws Exception {
    PATIENTS.forEach(patient -> acknowledged.put(patient, new ConcurrentLinkedQueue<>()));
    var next = new AtomicInteger();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var work = new ArrayList<Future<?>>();
      for (UUID patient : PATIENTS) {
        work.add(threads.submit(() -> readAlong.put(patient, readAlong(patient))));
      }
      for (int i = 0; i < THREADS; i++) {
        work.add(
            threads.submit(() -> {
              for (int n = next.getAndIncrement(); n < MESSAGES; n = next.getAndIncrement()) {
                sendAndSearch(n);
              }
            }));
      }
      for (Future<?> each : work) {
        await(each);
      }
    }
  }

  private static void await(Future<?> work) throws Exception {
    try {
      work.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof Error error) {
        throw error;
      }
      throw e;
    }
  }

  private void sendAndSearch(int number) {
    UUID patient = PATIENTS.get(number % PATIENTS.size());
    String word = "n" + UUID.randomUUID().toString().replace("-", "");
    var message = new NewMessage().message("Message " + number + " about " + word);
    if (number % 3 == 0) {
      message.sender(new CareTeamSender().id(UUID.randomUUID()).titleName("Nurse"));
    }
    Message sent = messages.sendMessage("test-den", "chat2", patient, message, null);
    ofPatient(patient).add(sent);
    List<String> hits =
        contentIds(
            messages.searchMessagesByBody(
                "test-den", "chat2", patient, new MessageSearch().query(word)));
    if (!hits.equals(List.of(sent.getExternalId()))) {
      synchronized (notFound) {
        notFound.add(sent.getExternalId() + ": " + hits);
      }
    }
  }

  /** Asks for newer messages, beginning with the empty chat, until everything has been seen. */
  private List<String> readAlong(UUID patient) {
    var seen = new ArrayList<String>();
    var token =
        new Object() {
          @Nullable String value;
        };
    int expected = MESSAGES / PATIENTS.size();
    return Eventually.get(
        PATIENCE,
        () -> {
          MessagePage page = find(patient, 7, token.value);
          token.value = page.getMeta().getPrevPageToken();
          seen.addAll(contentIds(page).reversed());
          return seen;
        },
        ids -> ids.size() >= expected);
  }

  private ConcurrentLinkedQueue<Message> ofPatient(UUID patient) {
    return Optional.ofNullable(acknowledged.get(patient)).orElseThrow();
  }

  private MessagePage find(UUID patient, @Nullable Integer pageSize, @Nullable String token) {
    return messages.findMessages(
        MessagesApi.APIFindMessagesRequest.newBuilder()
            .tenantName("test-den")
            .instanceName("chat2")
            .patientId(patient)
            .pageSize(pageSize)
            .pageToken(token)
            .build());
  }

  private static List<String> contentIds(MessagePage page) {
    return page.getContent().stream().map(item -> item.getMessage().getExternalId()).toList();
  }

  /** The acknowledged messages of a patient's chat, newest first. */
  private List<String> newestFirst(UUID patient) {
    return ofPatient(patient).stream()
        .sorted(Comparator.comparing(Message::getCreatedAt).reversed())
        .map(Message::getExternalId)
        .toList();
  }

  @Test
  void everyMessageWasFoundByTheSearchThatBeganAfterItsAcknowledgement() {
    assertThat(acknowledged.values().stream().mapToInt(ConcurrentLinkedQueue::size).sum())
        .isEqualTo(MESSAGES);
    assertThat(notFound).isEmpty();
  }

  @Test
  void timesAreStrictlyIncreasingInAChat() {
    for (UUID patient : PATIENTS) {
      assertThat(ofPatient(patient).stream().map(Message::getCreatedAt)).doesNotHaveDuplicates();
    }
  }

  /**
   * A client that asks for newer messages again and again while they arrive sees each of them once,
   * in order.
   */
  @Test
  void readingAlongLosesAndRepeatsNothing() {
    for (UUID patient : PATIENTS) {
      assertThat(readAlong.get(patient)).isEqualTo(newestFirst(patient).reversed());
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 7, 50, 124, 125, 126, 200})
  void pagesToOlderHaveEveryMessageOnce(int pageSize) {
    for (UUID patient : PATIENTS) {
      List<String> expected = newestFirst(patient);
      var found = new ArrayList<String>();
      @Nullable String token = null;
      int pages = 0;
      do {
        MessagePage page = find(patient, token == null ? pageSize : null, token);
        assertThat(page.getContent()).hasSizeBetween(1, pageSize);
        assertThat(page.getMeta().getPageSize()).isEqualTo(page.getContent().size());
        found.addAll(contentIds(page));
        token = page.getMeta().getNextPageToken();
        pages++;
      } while (token != null);
      assertThat(found).isEqualTo(expected);
      assertThat(pages).isEqualTo((expected.size() + pageSize - 1) / pageSize);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 7, 50, 124, 125, 126, 200})
  void pagesToNewerHaveEveryMessageOnce(int pageSize) {
    for (UUID patient : PATIENTS) {
      List<String> expected = newestFirst(patient);
      MessageItem oldest = item(patient, expected.getLast());
      List<String> newer = pagesToNewer(patient, pageSize, oldest.getMeta().getPrevPageToken());

      assertThat(newer).isEqualTo(expected.subList(0, expected.size() - 1).reversed());
    }
  }

  /** The two tokens of any message lead to all older and all newer messages. */
  @Test
  void everyMessagesTokensLeadToItsSurroundings() {
    UUID patient = PATIENTS.getFirst();
    List<String> expected = newestFirst(patient);
    for (int instance = 0; instance < expected.size(); instance += 31) {
      MessageItem item = item(patient, expected.get(instance));

      assertThat(contentIds(find(patient, 200, item.getMeta().getNextPageToken())))
          .isEqualTo(expected.subList(instance + 1, expected.size()));
      assertThat(pagesToNewer(patient, 20, item.getMeta().getPrevPageToken()))
          .isEqualTo(expected.subList(0, instance).reversed());
    }
  }

  @Test
  void aSearchPagesThroughAllItsHits() {
    for (UUID patient : PATIENTS) {
      var found = new ArrayList<String>();
      @Nullable String token = null;
      do {
        MessagePage page =
            messages.searchMessagesByBody(
                "test-den",
                "chat2",
                patient,
                token == null
                    ? new MessageSearch().query("message").pageSize(40)
                    : new MessageSearch().pageToken(token));
        found.addAll(contentIds(page));
        token = page.getMeta().getNextPageToken();
      } while (token != null);
      assertThat(found).isEqualTo(newestFirst(patient));
    }
  }

  /** The ids of all messages that are newer than a token's position, oldest first. */
  private List<String> pagesToNewer(UUID patient, int pageSize, String from) {
    var found = new ArrayList<String>();
    String token = from;
    while (true) {
      MessagePage page = find(patient, pageSize, token);
      if (page.getContent().isEmpty()) {
        return found;
      }
      found.addAll(contentIds(page).reversed());
      token = page.getMeta().getPrevPageToken();
    }
  }

  private MessageItem item(UUID patient, String externalId) {
    return messages.getMessage("test-den", "chat2", patient, externalId);
  }

  /**
   * Each message is delivered once, in the order of its chat, with its text, signed, and with the
   * configured headers.
   */
  @Test
  void webhooksArriveInTheOrderOfTheirChats() {
    for (UUID patient : PATIENTS) {
      List<Message> sent =
          ofPatient(patient).stream().sorted(Comparator.comparing(Message::getCreatedAt)).toList();
      List<LoggedRequest> calls =
          Eventually.get(
              PATIENCE, () -> Deliveries.to(service, patient), got -> got.size() >= sent.size());

      List<SignedCall> verified =
          calls.stream().map(call -> SignedCall.verified(service.signingKey(), call)).toList();
      assertThat(verified.stream().map(SignedCall::text))
          .containsExactlyElementsOf(sent.stream().map(Message::getMessage).toList());
      assertThat(verified.stream().map(SignedCall::id)).doesNotHaveDuplicates();
      assertThat(calls)
          .allSatisfy(call -> {
            assertThat(call.getHeader("X-WEBHOOK-API-KEY")).isEqualTo(service.webhookKey());
            assertThat(call.getHeader("X-WEBHOOK-API-SECRET")).isEqualTo(service.webhookSecret());
          });
      assertThat(verified.getFirst().body())
          .isEqualTo(
              "{\"patientId\":\"%s\",\"patientUrl\":\"%s/test-den/chat2/patients/%s\",\"tenantName\":\"test-den\",\"instanceName\":\"chat2\",\"message\":\"%s\"}"
                  .formatted(
                      patient, RunningService.PUBLIC_URL, patient, sent.getFirst().getMessage()));
    }
  }
}
