import carechat.okhttp.ApiClient;
import carechat.okhttp.ApiException;
import carechat.okhttp.api.ChatsApi;
import carechat.okhttp.api.EventsApi;
import carechat.okhttp.api.MessagesApi;
import carechat.okhttp.api.WebhooksApi;
import carechat.okhttp.model.CareTeamSender;
import carechat.okhttp.model.ClientType;
import carechat.okhttp.model.Message;
import carechat.okhttp.model.MessagePage;
import carechat.okhttp.model.MessageSearch;
import carechat.okhttp.model.NewMessage;
import carechat.okhttp.model.NewWebhook;
import carechat.okhttp.model.Problem;
import carechat.okhttp.model.ReadUpTo;
import carechat.okhttp.model.WebhookChange;
import carechat.okhttp.model.WebhookManager;
import carechat.okhttp.model.WebhookPayload;
import carechat.okhttp.webhooks.model.WebhookEvent;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.Callable;

/**
 * What a partner does with the client that clients/README.md generates for Java with OkHttp, each
 * step checked.
 */
final class Scenario {
  private static final String TENANT = "test-den";
  private static final String INSTANCE = "chat2";

  private Scenario() {}

  public static void main(String[] args) throws Exception {
    String url = setting("CARECHAT_URL");
    String key = setting("CARECHAT_API_KEY");
    ApiClient service = client(url, key);
    ApiClient later = client(setting("CARECHAT_LATER_URL"), key);
    UUID patient = UUID.randomUUID();
    var messages = new MessagesApi(service);
    var webhooks = new WebhooksApi(service);

    var sent = new ArrayList<Message>();
    List<String> texts = List.of("Grüße aus Köln 😀", "second", "third");
    for (int i = 0; i < texts.size(); i++) {
      NewMessage text = new NewMessage().message(texts.get(i));
      Message message = messages.sendMessage(TENANT, INSTANCE, patient, text, "key-" + i);
      equal(message.getMessage(), texts.get(i));
      sent.add(message);
    }
    ok("send: umlauts and emoji come back as they were sent");

    NewMessage morning =
        new NewMessage()
            .message("Good morning")
            .sender(new CareTeamSender().id(UUID.randomUUID()));
    equal(
        messages.sendMessage(TENANT, INSTANCE, patient, morning, null).getSender().getClientType(),
        ClientType.CARE_TEAM);
    ok("send for the care team, without a title");

    NewMessage second = new NewMessage().message("second");
    equal(
        messages.sendMessage(TENANT, INSTANCE, patient, second, "key-1").getExternalId(),
        sent.get(1).getExternalId());
    ok("the same Idempotency-Key again is the same message");

    var found = new ArrayList<String>();
    MessagePage newest = messages.findMessages(TENANT, INSTANCE, patient, 2, null);
    MessagePage page = newest;
    while (true) {
      page.getContent().forEach(item -> found.add(item.getMessage().getMessage()));
      String token = page.getMeta().getNextPageToken();
      if (token == null) {
        break;
      }
      page = messages.findMessages(TENANT, INSTANCE, patient, null, token);
    }
    equal(found, List.of("Good morning", "third", "second", "Grüße aus Köln 😀"));
    String previous = newest.getMeta().getPrevPageToken();
    equal(
        messages.findMessages(TENANT, INSTANCE, patient, null, previous).getMeta().getFound(),
        false);
    ok("find to the end in both directions");

    OffsetDateTime from = sent.get(0).getCreatedAt();
    equal(
        messages
            .searchMessages(
                TENANT, INSTANCE, patient, "grusse", null, null, from, null, null, true)
            .getContent()
            .size(),
        1);
    MessageSearch body =
        new MessageSearch().query("third").from(from).clientType(ClientType.PATIENT);
    equal(
        messages.searchMessagesByBody(TENANT, INSTANCE, patient, body).getContent().size(), 1);
    ok("search, by the query and by the body, with times");

    var chats = new ChatsApi(service);
    equal(chats.getChat(TENANT, INSTANCE, patient).getMessageCount(), 4);
    ReadUpTo read =
        new ReadUpTo()
            .externalId(sent.get(2).getExternalId())
            .clientType(ClientType.CARE_TEAM);
    equal(
        chats.markRead(TENANT, INSTANCE, patient, read).getExternalId(),
        sent.get(2).getExternalId());
    ok("read the chat, and mark it as read");

    equal(
        new EventsApi(service)
            .listChatEvents(TENANT, INSTANCE, patient, null, null, null)
            .getEvents()
            .get(0)
            .getType(),
        "message.sent");
    ok("pull events");

    NewWebhook endpoint =
        new NewWebhook()
            .url("http://127.0.0.1:65535/okhttp/" + patient)
            .payload(WebhookPayload.THIN)
            .enabled(false);
    String id =
        webhooks.createWebhook(TENANT, INSTANCE, endpoint).getWebhook().getWebhookId();
    WebhookChange change = new WebhookChange().description("from OkHttp");
    equal(webhooks.changeWebhook(TENANT, INSTANCE, id, change).getVersion(), 2L);
    ok("create an endpoint, and change it");

    var wrong = new MessagesApi(client(url, "wrong"));
    refused(
        "401, no valid key",
        401,
        "unauthenticated",
        () -> wrong.findMessages(TENANT, INSTANCE, patient, null, null));
    refused(
        "403, another tenant",
        403,
        "forbidden",
        () -> messages.findMessages("other", INSTANCE, patient, null, null));
    refused(
        "404, no such message",
        404,
        "not-found",
        () -> messages.getMessage(TENANT, INSTANCE, patient, "IM" + "0".repeat(32)));
    refused(
        "400, a blank message",
        400,
        "invalid-request",
        () ->
            messages.sendMessage(
                TENANT, INSTANCE, patient, new NewMessage().message(" \t "), null));
    refused(
        "409, changed since",
        409,
        "conflict",
        () -> webhooks.changeWebhook(TENANT, INSTANCE, id, new WebhookChange().version(1L)));
    refused(
        "422, the key of another message",
        422,
        "idempotency-key-reused",
        () ->
            messages.sendMessage(
                TENANT, INSTANCE, patient, new NewMessage().message("another"), "key-0"));

    Message read1 =
        new MessagesApi(later)
            .findMessages(TENANT, INSTANCE, patient, null, null)
            .getContent()
            .get(0)
            .getMessage();
    equal(read1.getMessage(), "Good morning");
    equal(read1.getSender().getClientType(), ClientType.UNKNOWN_DEFAULT_OPEN_API);
    equal(
        new WebhooksApi(later).getWebhook(TENANT, INSTANCE, id).getManaged(),
        WebhookManager.UNKNOWN_DEFAULT_OPEN_API);
    equal(
        new ChatsApi(later)
            .getChat(TENANT, INSTANCE, patient)
            .getReadMarkers()
            .get(0)
            .getClientType(),
        ClientType.UNKNOWN_DEFAULT_OPEN_API);
    equal(
        new EventsApi(later)
            .listChatEvents(TENANT, INSTANCE, patient, null, null, null)
            .getEvents()
            .get(0)
            .getType(),
        "later.type");
    ok("what a later version may add is tolerated");

    webhooks.deleteWebhook(TENANT, INSTANCE, id);
    ok("delete it");

    String event =
        """
        {"type": "later.type", "timestamp": "2021-02-08T17:17:29.000Z", "later": 1,
          "data": {"tenantName": "test-den", "instanceName": "chat2", "later": 1}}
        """;
    equal(WebhookEvent.fromJson(event).getType(), "later.type");
    ok("read what a webhook delivers, also of a type that comes later");
    System.out.println("Java with OkHttp: everything is as it should be.");
    // OkHttp's threads would keep the process for a minute.
    System.exit(0);
  }

  private static ApiClient client(String url, String key) {
    ApiClient client = new ApiClient();
    client.setBasePath(url);
    client.setApiKey(key);
    return client;
  }

  private static String setting(String name) {
    return Objects.requireNonNull(
        System.getenv(name), name + " is not set. \"./carechat clients okhttp\" sets it.");
  }

  private static void ok(String what) {
    System.out.println("ok    " + what);
  }

  private static void equal(Object actual, Object expected) {
    if (!Objects.equals(actual, expected)) {
      throw new AssertionError("expected " + expected + "\nbut it was " + actual);
    }
  }

  private static void refused(String what, int status, String code, Callable<?> call)
      throws Exception {
    try {
      call.call();
    } catch (ApiException refusal) {
      equal(refusal.getCode(), status);
      equal(Problem.fromJson(refusal.getResponseBody()).getCode(), code);
      ok(what);
      return;
    }
    throw new AssertionError(what + ": it was not refused");
  }
}
