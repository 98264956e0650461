// What a partner does with the client that clients/README.md generates for Kotlin, each step checked.
import carechat.client.apis.ChatsApi
import carechat.client.apis.EventsApi
import carechat.client.apis.MessagesApi
import carechat.client.apis.WebhooksApi
import carechat.client.infrastructure.ApiClient
import carechat.client.infrastructure.ClientError
import carechat.client.infrastructure.ClientException
import carechat.client.infrastructure.Serializer
import carechat.client.models.CareTeamSender
import carechat.client.models.ClientType
import carechat.client.models.Message
import carechat.client.models.MessageSearch
import carechat.client.models.NewMessage
import carechat.client.models.NewWebhook
import carechat.client.models.Problem
import carechat.client.models.ReadUpTo
import carechat.client.models.WebhookChange
import carechat.client.models.WebhookManager
import carechat.client.models.WebhookPayload
import carechat.webhooks.models.WebhookEvent
import java.util.UUID
import kotlin.system.exitProcess

const val TENANT = "test-den"
const val INSTANCE = "chat2"

fun setting(name: String): String =
    System.getenv(name) ?: throw IllegalStateException("$name is not set. \"./carechat clients kotlin\" sets it.")

fun <T> check(what: String, step: () -> T): T =
    try {
        step().also { println("ok    $what") }
    } catch (e: Exception) {
        System.err.println("FAIL  $what")
        e.printStackTrace()
        exitProcess(1)
    }

fun equal(actual: Any?, expected: Any?) {
    if (actual != expected) throw AssertionError("expected $expected\nbut it was $actual")
}

fun refused(what: String, status: Int, code: String, call: () -> Unit) =
    check(what) {
        val refusal = runCatching(call).exceptionOrNull() as? ClientException ?: throw IllegalStateException("It was not refused")
        equal(refusal.statusCode, status)
        val body = (refusal.response as ClientError<*>).body as String
        equal(Serializer.jacksonObjectMapper.readValue(body, Problem::class.java).code, code)
    }

fun main() {
    val url = setting("CARECHAT_URL")
    val laterUrl = setting("CARECHAT_LATER_URL")
    ApiClient.apiKey["X-API-KEY"] = setting("CARECHAT_API_KEY")
    val patient = UUID.randomUUID()
    val messages = MessagesApi(url)
    val chats = ChatsApi(url)
    val webhooks = WebhooksApi(url)

    val sent: List<Message> = check("send: umlauts and emoji come back as they were sent") {
        listOf("Grüße aus Köln 😀", "second", "third").mapIndexed { i, text ->
            messages.sendMessage(TENANT, INSTANCE, patient, NewMessage(text), "key-$i").also { equal(it.message, text) }
        }
    }
    check("send for the care team, without a title") {
        val message = messages.sendMessage(TENANT, INSTANCE, patient, NewMessage("Good morning", CareTeamSender(UUID.randomUUID())))
        equal(message.sender.clientType, ClientType.CARE_TEAM)
    }
    check("the same Idempotency-Key again is the same message") {
        equal(messages.sendMessage(TENANT, INSTANCE, patient, NewMessage("second"), "key-1").externalId, sent[1].externalId)
    }
    check("find to the end in both directions") {
        val found = mutableListOf<String>()
        val newest = messages.findMessages(TENANT, INSTANCE, patient, 2)
        var page = newest
        while (true) {
            found += page.content.map { it.message.message }
            page = messages.findMessages(TENANT, INSTANCE, patient, pageToken = page.meta.nextPageToken ?: break)
        }
        equal(found, listOf("Good morning", "third", "second", "Grüße aus Köln 😀"))
        equal(messages.findMessages(TENANT, INSTANCE, patient, pageToken = newest.meta.prevPageToken).meta.found, false)
    }
    check("search, by the query and by the body, with times") {
        val from = sent[0].createdAt
        equal(messages.searchMessages(TENANT, INSTANCE, patient, "grusse", from = from, highlight = true).content.size, 1)
        val search = MessageSearch(query = "third", from = from, clientType = ClientType.PATIENT)
        equal(messages.searchMessagesByBody(TENANT, INSTANCE, patient, search).content.size, 1)
    }
    check("read the chat, and mark it as read") {
        equal(chats.getChat(TENANT, INSTANCE, patient).messageCount, 4)
        val marker = chats.markRead(TENANT, INSTANCE, patient, ReadUpTo(sent[2].externalId, ClientType.CARE_TEAM))
        equal(marker.externalId, sent[2].externalId)
    }
    check("pull events") { equal(EventsApi(url).listChatEvents(TENANT, INSTANCE, patient).events[0].type, "message.sent") }
    val webhook = check("create an endpoint, and change it") {
        val wanted = NewWebhook("http://127.0.0.1:65535/kotlin/${UUID.randomUUID()}", WebhookPayload.THIN, enabled = false)
        val id = webhooks.createWebhook(TENANT, INSTANCE, wanted).webhook.webhookId
        val changed = webhooks.changeWebhook(TENANT, INSTANCE, id, WebhookChange(description = "from Kotlin"))
        equal(listOf(changed.description, changed.version), listOf("from Kotlin", 2L))
        id
    }

    refused("403, another tenant", 403, "forbidden") { messages.findMessages("other", INSTANCE, patient) }
    refused("404, no such message", 404, "not-found") { messages.getMessage(TENANT, INSTANCE, patient, "IM" + "0".repeat(32)) }
    refused("400, a blank message", 400, "invalid-request") { messages.sendMessage(TENANT, INSTANCE, patient, NewMessage(" ")) }
    refused("409, changed since", 409, "conflict") { webhooks.changeWebhook(TENANT, INSTANCE, webhook, WebhookChange(version = 1)) }
    refused("422, the key of another message", 422, "idempotency-key-reused") {
        messages.sendMessage(TENANT, INSTANCE, patient, NewMessage("another"), "key-0")
    }

    check("what a later version may add is tolerated") {
        val page = MessagesApi(laterUrl).findMessages(TENANT, INSTANCE, patient)
        equal(page.content[0].message.sender.clientType, ClientType.unknown_default_open_api)
        equal(page.content[0].message.message, "Good morning")
        equal(WebhooksApi(laterUrl).getWebhook(TENANT, INSTANCE, webhook).managed, WebhookManager.unknown_default_open_api)
        equal(ChatsApi(laterUrl).getChat(TENANT, INSTANCE, patient).readMarkers[0].clientType, ClientType.unknown_default_open_api)
        equal(EventsApi(laterUrl).listChatEvents(TENANT, INSTANCE, patient).events[0].type, "later.type")
    }
    check("delete it") { webhooks.deleteWebhook(TENANT, INSTANCE, webhook) }
    check("read what a webhook delivers, also of a type that comes later") {
        val body = """{"type":"later.type","timestamp":"2021-02-08T17:17:29.000Z",
            "data":{"tenantName":"test-den","instanceName":"chat2","clientType":"LATER","later":1},"later":1}"""
        equal(Serializer.jacksonObjectMapper.readValue(body, WebhookEvent::class.java).type, "later.type")
    }

    ApiClient.apiKey["X-API-KEY"] = "wrong"
    refused("401, no valid key", 401, "unauthenticated") { messages.findMessages(TENANT, INSTANCE, patient) }
    println("Kotlin: everything is as it should be.")
    exitProcess(0)
}
