package io.carechat.scenario;

import static io.carechat.scenario.Checks.check;
import static io.carechat.scenario.Checks.equal;
import static io.carechat.scenario.Checks.isTrue;
import static io.carechat.scenario.Checks.setting;
import static io.carechat.scenario.Checks.until;
import static io.carechat.scenario.Refusals.header;
import static io.carechat.scenario.Refusals.problemOf;
import static io.carechat.scenario.Refusals.refused;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.standardwebhooks.Webhook;
import com.standardwebhooks.exceptions.WebhookVerificationException;
import io.carechat.client.ApiClient;
import io.carechat.client.ApiException;
import io.carechat.client.ApiResponse;
import io.carechat.client.MessagesApi;
import io.carechat.client.model.CareTeamSender;
import io.carechat.client.model.ClientType;
import io.carechat.client.model.Message;
import io.carechat.client.model.MessageItem;
import io.carechat.client.model.MessagePage;
import io.carechat.client.model.MessageSearch;
import io.carechat.client.model.NewMessage;
import io.carechat.scenario.generated.DeliveredMessage;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What a partner does with carechat, step by step. Each step is checked. This needs the variables
 * of data/demo.env. It ends with status 0 if everything is right.
 */
public final class Scenario {

  private static final List<String> TEXTS =
      List.of(
          "one kestrel",
          "two kestrels",
          "Grüße, 你好 👋🏽",
          "four <b>&amp;</b> \"quoted\" \\ \n\t line",
          "five",
          "six",
          "seven");
  private static final UUID NURSE = UUID.randomUUID();

  /** A patient whose chat is unavailable in the sandbox; see docs/sandbox.md. */
  private static final UUID UNAVAILABLE = UUID.fromString("00000000-0000-4000-8000-000000000503");

  private final Partner partner = Partner.ofSettings();
  private final String tenant = partner.tenant();
  private final String instance = partner.instance();
  private final UUID patient = Partner.newPatient();
  private final MessagesApi messages = new MessagesApi(partner.client());
  private final MessagesApi asPatient =
      new MessagesApi(
          Partner.client(
              setting("CARECHAT_URL"),
              request ->
                  request.setHeader(
                      "Authorization", "Bearer " + setting("CARECHAT_PATIENT_TOKEN"))));
  private final String secret = setting("CARECHAT_WEBHOOK_SIGNING_KEY");
  private final List<Message> sent = new ArrayList<>();

  private Scenario() {}

  /** Takes no arguments. */
  public static void main(String[] args) {
    new Scenario().run();
    System.out.println("Java: everything is as it should be.");
  }

  private void run() {
    try (var receiver =
        new Receiver(
            URI.create(setting("CARECHAT_WEBHOOK_URL")),
            setting("CARECHAT_WEBHOOK_API_KEY"),
            setting("CARECHAT_WEBHOOK_API_SECRET"))) {
      receiver.trust(Receiver.SOURCE, secret);
      send();
      find();
      search();
      InstanceSteps.run(partner);
      EndpointSteps.run(partner, receiver);
      problems();
      sandbox();
      laterVersion();
      webhooks(receiver);
    }
  }

  private void send() {
    check(
        "an empty chat is an empty page, and has a token for what will come",
        () -> {
          MessagePage page = find(null, null);
          equal(page.getContent(), List.of());
          equal(page.getMeta().getFound(), false);
          equal(page.getMeta().getNextPageToken(), null);
          isTrue(!page.getMeta().getPrevPageToken().isEmpty(), "a token");
        });
    check(
        "send " + TEXTS.size() + " messages, as the patient and as the care team",
        () -> {
          for (int i = 0; i < TEXTS.size(); i++) {
            boolean byCareTeam = i % 2 == 1;
            NewMessage message = new NewMessage().message(TEXTS.get(i));
            if (byCareTeam) {
              message.sender(new CareTeamSender().id(NURSE).titleName("Nurse"));
            }
            Message stored = messages.sendMessage(tenant, instance, patient, message, "key-" + i);
            equal(stored.getMessage(), TEXTS.get(i));
            equal(
                stored.getSender().getClientType(),
                byCareTeam ? ClientType.CARE_TEAM : ClientType.PATIENT);
            equal(stored.getSender().getId(), byCareTeam ? NURSE : patient);
            equal(stored.getSender().getTitleName(), byCareTeam ? "Nurse" : null);
            isTrue(stored.getExternalId().matches("IM[0-9a-f]{32}"), "an externalId");
            isTrue(
                sent.isEmpty() || stored.getCreatedAt().isAfter(sent.getLast().getCreatedAt()),
                "createdAt increases");
            sent.add(stored);
          }
        });
    check(
        "send the same again with the same Idempotency-Key: the first answer, marked as such",
        () -> {
          ApiResponse<Message> again =
              messages.sendMessageWithHttpInfo(
                  tenant, instance, patient, new NewMessage().message(TEXTS.getFirst()), "key-0");
          equal(again.getStatusCode(), 201);
          equal(again.getHeaders().get("idempotent-replayed"), List.of("true"));
          isTrue(
              again
                  .getHeaders()
                  .getOrDefault("location", List.of(""))
                  .getFirst()
                  .endsWith("/messages/" + sent.getFirst().getExternalId()),
              "the Location");
          equal(again.getData(), sent.getFirst());
        });
  }

  private void find() {
    check(
        "find to the end backwards, 3 at a time",
        () -> {
          List<MessagePage> pages = new ArrayList<>(List.of(find(3, null)));
          while (pages.getLast().getMeta().getNextPageToken() != null) {
            pages.add(find(null, pages.getLast().getMeta().getNextPageToken()));
          }
          equal(pages.stream().map(page -> page.getContent().size()).toList(), List.of(3, 3, 1));
          equal(pages.stream().flatMap(page -> texts(page).stream()).toList(), sent.reversed());
        });
    MessageItem oldest =
        check(
            "get the oldest message with its tokens",
            () -> {
              MessageItem item =
                  messages.getMessage(tenant, instance, patient, sent.getFirst().getExternalId());
              equal(item.getMessage(), sent.getFirst());
              return item;
            });
    MessagePage caughtUp =
        check(
            "find to the end forwards, 2 at a time",
            () -> {
              List<MessagePage> pages =
                  new ArrayList<>(List.of(find(2, oldest.getMeta().getPrevPageToken())));
              while (pages.getLast().getMeta().getFound()) {
                pages.add(find(null, pages.getLast().getMeta().getPrevPageToken()));
              }
              equal(
                  pages.stream().map(page -> page.getContent().size()).toList(),
                  List.of(2, 2, 2, 0));
              equal(
                  pages.stream().flatMap(page -> texts(page).reversed().stream()).toList(),
                  sent.subList(1, sent.size()));
              return pages.getLast();
            });
    check(
        "what arrives later is found with the token kept",
        () -> {
          sent.add(
              messages.sendMessage(
                  tenant, instance, patient, new NewMessage().message("eight, later"), null));
          equal(texts(find(null, caughtUp.getMeta().getPrevPageToken())), List.of(sent.getLast()));
        });
  }

  private void search() {
    MessageItem hit =
        check(
            "search, with highlights, newest first",
            () -> {
              MessagePage page =
                  messages.searchMessages(searching().query("kestrel").highlight(true).build());
              equal(texts(page), List.of(sent.get(1), sent.get(0)));
              equal(
                  page.getContent().get(1).getMeta().getHighlights(),
                  List.of("one <em>kestrel</em>"));
              return page.getContent().getFirst();
            });
    check(
        "search to the end, 1 at a time",
        () -> {
          List<MessagePage> pages = new ArrayList<>();
          pages.add(messages.searchMessages(searching().query("kestrel").pageSize(1).build()));
          while (pages.getLast().getMeta().getNextPageToken() != null) {
            pages.add(
                messages.searchMessages(
                    searching().pageToken(pages.getLast().getMeta().getNextPageToken()).build()));
          }
          equal(
              pages.stream().flatMap(page -> texts(page).stream()).toList(),
              List.of(sent.get(1), sent.get(0)));
        });
    check(
        "search by time and side, in the address and in the body, in any time zone",
        () -> {
          for (String zone : List.of("Z", "-09:30", "+14:00")) {
            var from = sent.get(0).getCreatedAt().withOffsetSameInstant(ZoneOffset.of(zone));
            var to = sent.get(1).getCreatedAt().withOffsetSameInstant(ZoneOffset.of(zone));
            equal(
                texts(
                    messages.searchMessages(
                        searching()
                            .query("kestrel")
                            .from(from)
                            .to(to)
                            .clientType(ClientType.PATIENT)
                            .build())),
                List.of(sent.get(0)));
            equal(
                texts(
                    messages.searchMessagesByBody(
                        tenant,
                        instance,
                        patient,
                        new MessageSearch()
                            .query("kestrel")
                            .from(from)
                            .to(to)
                            .clientType(ClientType.PATIENT))),
                List.of(sent.get(0)));
          }
        });
    check(
        "jump from a hit to what is older and newer in the chat",
        () -> {
          equal(texts(find(1, hit.getMeta().getNextPageToken())), List.of(sent.get(0)));
          equal(texts(find(1, hit.getMeta().getPrevPageToken())), List.of(sent.get(2)));
        });
  }

  private void problems() {
    ApiException faults =
        refused(
            "400, every fault at once",
            400,
            "invalid-request",
            () ->
                messages.sendMessage(
                    "No Tenant", instance, patient, new NewMessage().message(" "), null));
    check(
        "400, and each fault has its place",
        () ->
            equal(
                problemOf(faults).getErrors().stream()
                    .map(fault ->
                        fault.getParameter() != null ? fault.getParameter() : fault.getPointer())
                    .toList(),
                List.of("tenantName", "/message")));
    refused(
        "400, a search without query and token",
        400,
        "invalid-request",
        () -> messages.searchMessages(searching().build()));
    refused("400, a token that is none", 400, "invalid-page-token", () -> find(null, "e30="));
    refused(
        "400, a search's token for a find",
        400,
        "invalid-page-token",
        () ->
            find(
                null,
                messages
                    .searchMessages(searching().query("kestrel").build())
                    .getMeta()
                    .getPrevPageToken()));
    refused(
        "401, no valid key",
        401,
        "unauthenticated",
        () ->
            with(request -> request.setHeader("X-API-KEY", "wrong"))
                .findMessages(tenant, instance, patient, null, null));
    refused(
        "403, another tenant",
        403,
        "forbidden",
        () -> messages.findMessages("other", instance, patient, null, null));
    refused(
        "403, another patient's chat by a patient's token",
        403,
        "forbidden",
        () ->
            asPatient.sendMessage(
                tenant, instance, patient, new NewMessage().message("not mine"), null));
    refused(
        "404, no such message",
        404,
        "not-found",
        () -> messages.getMessage(tenant, instance, patient, "IM" + "0".repeat(32)));
    refused(
        "405, another method",
        405,
        "method-not-allowed",
        () ->
            with(request -> request.method("DELETE", HttpRequest.BodyPublishers.noBody()))
                .findMessages(tenant, instance, patient, null, null));
    refused(
        "406, an answer that there is not",
        406,
        "not-acceptable",
        () ->
            with(request -> request.setHeader("Accept", "text/html"))
                .findMessages(tenant, instance, patient, null, null));
    refused(
        "413, too large a body",
        413,
        "payload-too-large",
        () ->
            messages.sendMessage(
                tenant, instance, patient, new NewMessage().message("x".repeat(140_000)), null));
    refused(
        "414, too long an address",
        414,
        "uri-too-long",
        () -> byHttp1(request -> {}).searchMessages(searching().query("x".repeat(20_000)).build()));
    refused(
        "415, a body that is not declared as JSON",
        415,
        "unsupported-media-type",
        () ->
            with(request -> request.setHeader("Content-Type", "text/plain"))
                .sendMessage(tenant, instance, patient, new NewMessage().message("plain"), null));
    refused(
        "422, the same Idempotency-Key for another message",
        422,
        "idempotency-key-reused",
        () ->
            messages.sendMessage(
                tenant, instance, patient, new NewMessage().message("another"), "key-0"));
    refused(
        "431, too long headers",
        431,
        "headers-too-large",
        () ->
            byHttp1(request -> request.setHeader("X-Filler", "x".repeat(20_000)))
                .findMessages(tenant, instance, patient, null, null));
  }

  /** The operations on messages, by a client that also changes each request. */
  private static MessagesApi with(Consumer<HttpRequest.Builder> more) {
    return new MessagesApi(Partner.client(more));
  }

  /** Like {@link #with}, but by HTTP/1.1, since too long headers end an HTTP/2 connection. */
  private static MessagesApi byHttp1(Consumer<HttpRequest.Builder> more) {
    ApiClient client = Partner.client(more);
    client.setHttpClientBuilder(HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1));
    return new MessagesApi(client);
  }

  /** The refusals for a limited time that the sandbox offers. */
  private void sandbox() {
    refusedForAWhile(
        "429, too many requests",
        429,
        "too-many-requests",
        at("CARECHAT_LIMITED_BASE"),
        UUID.fromString(setting("CARECHAT_PATIENT_ID")));
    MessagesApi there = at("CARECHAT_SANDBOX_BASE");
    refusedForAWhile("503, not available now", 503, "unavailable", there, UNAVAILABLE);
    check(
        "503, but not for ever: a later try succeeds",
        () -> {
          for (int i = 0; ; i++) {
            try {
              read(there, UNAVAILABLE);
              return;
            } catch (ApiException again) {
              equal(again.getCode(), 503);
              isTrue(i < 2, "the third try");
            }
          }
        });
  }

  private void refusedForAWhile(
      String what, int status, String code, MessagesApi there, UUID whose) {
    ApiException refusal =
        refused(
            what,
            status,
            code,
            () -> {
              for (int i = 0; i < 20; i++) {
                read(there, whose);
              }
            });
    check(
        what + ", which says when to try again",
        () -> isTrue(header(refusal, "Retry-After").matches("[1-9][0-9]?"), "Retry-After"));
  }

  private void read(MessagesApi there, UUID whose) {
    var _ = there.findMessages(tenant, instance, whose, 1, null);
  }

  private static MessagesApi at(String base) {
    String address = setting(base);
    return new MessagesApi(
        Partner.client(
            address.substring(0, address.indexOf("/api/v1/")),
            request -> request.setHeader("X-API-KEY", setting("CARECHAT_API_KEY"))));
  }

  private void laterVersion() {
    check(
        "what a later version may add is borne",
        () -> {
          var json = ApiClient.createDefaultObjectMapper();
          ObjectNode later = json.valueToTree(find(1, null));
          later.put("addition", 1);
          ((ObjectNode) later.at("/content/0/message/sender")).put("clientType", "ROBOT");
          MessagePage page = json.treeToValue(later, MessagePage.class);
          equal(
              page.getContent().getFirst().getMessage().getSender().getClientType(),
              ClientType.UNKNOWN_DEFAULT_OPEN_API);
        });
  }

  private void webhooks(Receiver receiver) {
    check(
        "each message came by webhook, signed, once, in order",
        () -> {
          until("every delivery", () -> ours(receiver).size() >= sent.size());
          equal(
              ours(receiver).stream().map(DeliveredMessage::getMessage).toList(),
              sent.stream().map(Message::getMessage).toList());
          DeliveredMessage first = ours(receiver).getFirst();
          equal(first.getTenantName(), tenant);
          equal(first.getInstanceName(), instance);
          isTrue(
              first
                  .getPatientUrl()
                  .getPath()
                  .equals("/" + tenant + "/" + instance + "/patients/" + patient),
              "the patient's page");
        });
    check(
        "the published library verifies a delivery, and not one that was written again",
        () -> {
          Receiver.Call call = receiver.calls(Receiver.SOURCE).getFirst();
          Webhook webhook = new Webhook(secret);
          webhook.verify(call.body(), call.headers());
          try {
            webhook.verify(call.body().replaceFirst(",", ", "), call.headers());
          } catch (WebhookVerificationException e) {
            return;
          }
          throw new AssertionError("It verified");
        });
  }

  private List<DeliveredMessage> ours(Receiver receiver) {
    return receiver.messages().stream()
        .filter(message -> message.getPatientId().equals(patient))
        .toList();
  }

  private MessagePage find(@Nullable Integer pageSize, @Nullable String pageToken) {
    return messages.findMessages(tenant, instance, patient, pageSize, pageToken);
  }

  private MessagesApi.APISearchMessagesRequest.Builder searching() {
    return MessagesApi.APISearchMessagesRequest.newBuilder()
        .tenantName(tenant)
        .instanceName(instance)
        .patientId(patient);
  }

  private static List<Message> texts(MessagePage page) {
    return page.getContent().stream().map(MessageItem::getMessage).toList();
  }
}
