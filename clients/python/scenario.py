"""What a partner does with carechat, step by step, each step checked. Needs the variables of data/demo.env."""

import base64
import json
import os
import re
import sys
import threading
import time
import traceback
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urljoin, urlsplit

import pydantic

import webhook
from carechat_client import (
    ApiClient,
    ApiException,
    ChatsApi,
    Configuration,
    DeliveriesApi,
    EventsApi,
    MessagesApi,
    SearchApi,
    WebhooksApi,
)
from carechat_client.models import (
    CareTeamSender,
    ClientType,
    DeliveryState,
    Message,
    MessageItem,
    MessagePage,
    MessageSearch,
    NewMessage,
    NewWebhook,
    Problem,
    ReadUpTo,
    SecretRotation,
    WebhookChange,
    WebhookEventType,
    WebhookManager,
    WebhookPayload,
)


def setting(name: str) -> str:
    value = os.environ.get(name)
    if not value:
        sys.exit(f'{name} is not set. "./carechat clients" sets it, and so does data/demo.env of a running carechat.')
    return value


def check(what):
    """Runs a step at once and says so. The first difference ends the program."""

    def run(step):
        try:
            result = step()
        except Exception:
            print(f"FAIL  {what}", file=sys.stderr)
            traceback.print_exc()
            sys.stderr.flush()
            os._exit(1)
        print(f"ok    {what}", flush=True)
        return result

    return run


def equal(actual, expected):
    if actual != expected:
        raise AssertionError(f"expected {expected!r}\nbut it was {actual!r}")


def is_true(condition, what):
    if not condition:
        raise AssertionError(what)


class Call(NamedTuple):
    """A genuine call as it came."""

    path: str
    webhook_id: str
    raw: bytes
    headers: dict


class Receiver(BaseHTTPRequestHandler):
    """The receiver of a partner with an endpoint for each payload: checks who calls, keeps each delivery once, answers 204."""

    lock = threading.Lock()
    secrets: dict = {}
    calls: list = []  # repetitions too
    bodies: dict = {"/": [], "/standard": [], "/thin": []}  # by the operation's path, each delivery once

    def do_POST(self):
        raw = self.rfile.read(int(self.headers["Content-Length"]))
        try:
            webhook_id = webhook.verify([self.secrets[self.path]], dict(self.headers), raw)
        except (KeyError, webhook.Refused):
            self.answer(401)
            return
        # Those who send the source form have told a key and a secret of theirs; the other forms do without.
        credential = (self.headers["X-WEBHOOK-API-KEY"], self.headers["X-WEBHOOK-API-SECRET"])
        if self.path == "/" and credential != CREDENTIALS:
            self.answer(401)
            return
        with self.lock:
            if all(webhook_id != call.webhook_id for call in self.calls):
                self.bodies[self.path].append(json.loads(raw))
            self.calls.append(Call(self.path, webhook_id, raw, dict(self.headers)))
        self.answer(204)

    def answer(self, status):
        self.send_response(status)
        self.end_headers()

    def log_message(self, *arguments):
        pass


def calls(path: str) -> list:
    return [call for call in Receiver.calls if call.path == path]


def until(what, holds):
    """Waits until something holds, at most for half a minute."""
    deadline = time.monotonic() + 30
    while not holds():
        is_true(time.monotonic() < deadline, f"{what} within 30 s")
        time.sleep(0.05)


URL = setting("CARECHAT_URL")
TENANT = setting("CARECHAT_TENANT")
INSTANCE = setting("CARECHAT_INSTANCE")
SECRET = setting("CARECHAT_WEBHOOK_SIGNING_KEY")
CREDENTIALS = (setting("CARECHAT_WEBHOOK_API_KEY"), setting("CARECHAT_WEBHOOK_API_SECRET"))
# A chat of our own, which nobody else writes to.
PATIENT = uuid.uuid4()
CHAT = (TENANT, INSTANCE, PATIENT)


def client(host=URL, **options) -> ApiClient:
    return ApiClient(Configuration(host=host, **options))


API_KEY = {"apiKey": setting("CARECHAT_API_KEY")}
partner = client(api_key=API_KEY)
messages = MessagesApi(partner)
as_patient = MessagesApi(client(access_token=setting("CARECHAT_PATIENT_TOKEN")))

Receiver.secrets["/"] = SECRET
RECEIVER_URL = setting("CARECHAT_WEBHOOK_URL")
receiver = ThreadingHTTPServer(("127.0.0.1", urlsplit(RECEIVER_URL).port), Receiver)
threading.Thread(target=receiver.serve_forever, daemon=True).start()


def texts(page: MessagePage) -> list:
    return [item.message for item in page.content]


# --- send


@check("an empty chat is an empty page, and has a token for what will come")
def _():
    page = messages.find_messages(*CHAT)
    equal(page.content, [])
    equal(page.meta.found, False)
    equal(page.meta.next_page_token, None)
    is_true(page.meta.prev_page_token, "a token")


NURSE = uuid.uuid4()
TEXTS = ["one kestrel", "two kestrels", "Grüße, 你好 👋🏽", 'four <b>&amp;</b> "quoted" \\ \n\t line', "five", "six", "seven"]
sent: list = []


@check(f"send {len(TEXTS)} messages, as the patient and as the care team")
def _():
    for i, text in enumerate(TEXTS):
        sender = CareTeamSender(id=NURSE, title_name="Nurse") if i % 2 else None
        stored = messages.send_message(*CHAT, NewMessage(message=text, sender=sender), idempotency_key=f"key-{i}")
        equal(stored.message, text)
        equal(stored.sender.client_type, ClientType.CARE_TEAM if sender else ClientType.PATIENT)
        equal(stored.sender.id, NURSE if sender else PATIENT)
        equal(stored.sender.title_name, "Nurse" if sender else None)
        is_true(re.fullmatch("IM[0-9a-f]{32}", stored.external_id), "an externalId")
        is_true(not sent or stored.created_at > sent[-1].created_at, "createdAt increases")
        sent.append(stored)


@check("send the same again with the same Idempotency-Key: the first answer, marked as such")
def _():
    again = messages.send_message_with_http_info(*CHAT, NewMessage(message=TEXTS[0]), idempotency_key="key-0")
    equal(again.status_code, 201)
    equal(again.headers["Idempotent-Replayed"], "true")
    is_true(again.headers["Location"].endswith(f"/messages/{sent[0].external_id}"), "the Location")
    equal(again.data, sent[0])


# --- find


@check("find to the end backwards, 3 at a time")
def _():
    pages = [messages.find_messages(*CHAT, page_size=3)]
    while pages[-1].meta.next_page_token is not None:
        pages.append(messages.find_messages(*CHAT, page_token=pages[-1].meta.next_page_token))
    equal([len(page.content) for page in pages], [3, 3, 1])
    equal([message for page in pages for message in texts(page)], sent[::-1])


@check("get the oldest message with its tokens")
def oldest() -> MessageItem:
    item = messages.get_message(*CHAT, sent[0].external_id)
    equal(item.message, sent[0])
    return item


@check("find to the end forwards, 2 at a time")
def caught_up() -> MessagePage:
    pages = [messages.find_messages(*CHAT, page_token=oldest.meta.prev_page_token, page_size=2)]
    while pages[-1].meta.found:
        pages.append(messages.find_messages(*CHAT, page_token=pages[-1].meta.prev_page_token))
    equal([len(page.content) for page in pages], [2, 2, 2, 0])
    equal([message for page in pages for message in texts(page)[::-1]], sent[1:])
    return pages[-1]


@check("what arrives later is found with the token kept")
def _():
    sent.append(messages.send_message(*CHAT, NewMessage(message="eight, later")))
    page = messages.find_messages(*CHAT, page_token=caught_up.meta.prev_page_token)
    equal(texts(page), sent[-1:])


# --- search, and from a hit to its surroundings


@check("search, with highlights, newest first")
def hit() -> MessageItem:
    page = messages.search_messages(*CHAT, query="kestrel", highlight=True)
    equal(texts(page), [sent[1], sent[0]])
    equal(page.content[1].meta.highlights, ["one <em>kestrel</em>"])
    return page.content[0]


@check("search to the end, 1 at a time")
def _():
    pages = [messages.search_messages(*CHAT, query="kestrel", page_size=1)]
    while pages[-1].meta.next_page_token is not None:
        pages.append(messages.search_messages(*CHAT, page_token=pages[-1].meta.next_page_token))
    equal([message for page in pages for message in texts(page)], [sent[1], sent[0]])


@check("search by time and side, in the address and in the body, in any time zone")
def _():
    for zone in (timezone.utc, timezone(timedelta(hours=-9, minutes=-30)), timezone(timedelta(hours=14))):
        wanted = {
            "query": "kestrel",
            "var_from": sent[0].created_at.astimezone(zone),
            "to": sent[1].created_at.astimezone(zone),
            "client_type": ClientType.PATIENT,
        }
        equal(texts(messages.search_messages(*CHAT, **wanted)), [sent[0]])
        equal(texts(messages.search_messages_by_body(*CHAT, MessageSearch(**wanted))), [sent[0]])


@check("jump from a hit to what is older and newer in the chat")
def _():
    older = messages.find_messages(*CHAT, page_token=hit.meta.next_page_token, page_size=1)
    newer = messages.find_messages(*CHAT, page_token=hit.meta.prev_page_token, page_size=1)
    equal(texts(older), [sent[0]])
    equal(texts(newer), [sent[2]])


# --- the whole instance: its inbox, what was read, a search of all chats, and its log of events

PLACE = (TENANT, INSTANCE)
chats = ChatsApi(partner)
search = SearchApi(partner)
events = EventsApi(partner)
# In another chat of our own.
ANOTHER = uuid.uuid4()
before = events.list_events(*PLACE, after="now").after
# A word that no other chat has.
WORD = "".join(chr(97 + int(digit, 16)) for digit in uuid.uuid4().hex)


def send(patient: uuid.UUID, text: str):
    return messages.send_message(*PLACE, patient, NewMessage(message=text))


first, second = send(ANOTHER, f"first {WORD}"), send(ANOTHER, f"second {WORD}")


@check("the inbox has the chat, with its newest message; walked to the end it has no chat twice")
def _():
    pages = [chats.list_chats(*PLACE, page_size=20)]
    while pages[-1].meta.next_page_token is not None:
        pages.append(chats.list_chats(*PLACE, page_token=pages[-1].meta.next_page_token))
    every = [chat for page in pages for chat in page.content]
    equal(len({chat.patient_id for chat in every}), len(every))
    (ours,) = (chat for chat in every if chat.patient_id == ANOTHER)
    equal((ours.last_message, ours.unread.care_team), (second, 2))


def mark_read(patient: uuid.UUID, message) -> str:
    read = ReadUpTo(external_id=message.external_id, client_type=ClientType.CARE_TEAM)
    return chats.mark_read(*PLACE, patient, read).external_id


@check("get the chat, and mark it as read, which never goes back")
def _():
    chat = chats.get_chat(*PLACE, ANOTHER)
    equal((chat.message_count, chat.last_message, chat.read_markers), (2, second, []))
    for message, unread in ((first, 1), (second, 0)):
        equal(mark_read(ANOTHER, message), message.external_id)
        equal(chats.get_chat(*PLACE, ANOTHER).unread.care_team, unread)
        listed = chats.list_chats(*PLACE, page_size=200, unread_by=ClientType.CARE_TEAM).content
        equal(ANOTHER in [chat.patient_id for chat in listed], unread > 0)
    equal(mark_read(ANOTHER, first), second.external_id)


@check("search all chats, in the address and in the body")
def _():
    page = search.search_instance(*PLACE, query=WORD, page_size=1, client_type=ClientType.PATIENT, highlight=True)
    (found,) = page.content
    equal((found.patient_id, found.message), (ANOTHER, second))
    equal(found.meta.highlights, [f"second <em>{WORD}</em>"])
    further = MessageSearch(page_token=page.meta.next_page_token, client_type=ClientType.PATIENT)
    equal(texts(search.search_instance_by_body(*PLACE, further)), [first])


@check("pull the events since a place, 2 at a time")
def after() -> str:
    lists = [events.list_events(*PLACE, after=before, limit=2)]
    while lists[-1].more:
        lists.append(events.list_events(*PLACE, after=lists[-1].after, limit=2))
    ours = [event for page in lists for event in page.events if event.patient_id == ANOTHER]
    equal([event.type for event in ours], ["message.sent", "message.sent", "chat.read", "chat.read"])
    equal([event.message for event in ours[:2]], [first, second])
    equal(ours[3].read.external_id, second.external_id)
    equal(events.list_chat_events(*PLACE, ANOTHER).events, ours)
    return lists[-1].after


@check("a pull that waits is answered without events when the time is over")
def _():
    begun = time.monotonic()
    equal(events.list_chat_events(*PLACE, ANOTHER, after=after, wait_seconds=1).events, [])
    is_true(time.monotonic() - begun >= 0.99, "a second was waited")


@check("a pull that waits is answered by what happens")
def _():
    with ThreadPoolExecutor(1) as threads:
        waiting = threads.submit(events.list_events, *PLACE, after=after, wait_seconds=30, _request_timeout=20.0)
        third = send(ANOTHER, "third")
        equal([event.message for event in waiting.result().events], [third])


# --- webhook endpoints of one's own

webhooks = WebhooksApi(partner)
deliveries = DeliveriesApi(partner)
TOLD = uuid.uuid4()
TEXT = "Does it hurt when you breathe?"


def create(payload: WebhookPayload, path: str):
    @check(f"create a webhook endpoint with the payload {payload.value}")
    def created():
        wanted = NewWebhook(
            url=urljoin(RECEIVER_URL, path),
            payload=payload,
            event_types=[WebhookEventType.MESSAGE_DOT_SENT, WebhookEventType.CHAT_DOT_READ],
        )
        made = webhooks.create_webhook(*PLACE, wanted)
        Receiver.secrets[path] = made.signing_secret
        equal((made.webhook.managed, made.webhook.version), (WebhookManager.API, 1))
        equal(webhooks.get_webhook(*PLACE, made.webhook.webhook_id), made.webhook)
        is_true(made.webhook in webhooks.list_webhooks(*PLACE).webhooks, "it is in the list")
        return made

    return created


standard = create(WebhookPayload.STANDARD, "/standard")
thin = create(WebhookPayload.THIN, "/thin")
ENDPOINT = (*PLACE, standard.webhook.webhook_id)


def ping(webhook_id: str):
    outcome = webhooks.ping_webhook(*PLACE, webhook_id)
    equal((outcome.ok, outcome.status), (True, 204))


@check("ping both, and receive that")
def _():
    for path, made in (("/standard", standard), ("/thin", thin)):
        ping(made.webhook.webhook_id)
        event = Receiver.bodies[path][-1]
        equal((event["type"], event["data"]["webhookId"]), ("webhook.ping", made.webhook.webhook_id))


def source() -> list:
    return [message for message in Receiver.bodies["/"] if message["patientId"] == str(TOLD)]


def told(path: str) -> list:
    return [event for event in Receiver.bodies[path] if event["data"].get("patientId") == str(TOLD)]


@check("a message comes once in each form, SOURCE, STANDARD and THIN")
def in_each_form():
    message = send(TOLD, TEXT)
    until("a delivery in each form", lambda: source() and told("/standard") and told("/thin"))
    equal([delivered["message"] for delivered in source()], [TEXT])
    (event,) = told("/standard")
    equal((event["type"], datetime.fromisoformat(event["timestamp"])), ("message.sent", message.created_at))
    equal((event["data"]["tenantName"], event["data"]["instanceName"]), PLACE)
    equal(Message.from_dict(event["data"]["message"]), message)
    return message


@check("a thin event has no text, and get_message has it")
def _():
    is_true(all(TEXT.encode() not in call.raw for call in calls("/thin")), "no text")
    equal(messages.get_message(*PLACE, TOLD, told("/thin")[0]["data"]["externalId"]).message, in_each_form)


@check("the care team reads, and both are told")
def _():
    mark_read(TOLD, in_each_form)
    until("both", lambda: len(told("/standard")) > 1 and len(told("/thin")) > 1)
    for path in ("/standard", "/thin"):
        event = told(path)[1]
        equal((event["type"], event["data"]["externalId"]), ("chat.read", in_each_form.external_id))


def refuses_rewritten(secret, call):
    try:
        webhook.verify([secret], call.headers, json.dumps(json.loads(call.raw)).encode())
    except webhook.Refused as refusal:
        equal(str(refusal), "NO_MATCHING_SIGNATURE")
    else:
        raise AssertionError("It verified")


@check("webhook.py verifies what came, and not what was written again")
def _():
    for call in calls("/standard"):
        equal(webhook.verify([standard.signing_secret], call.headers, call.raw), call.webhook_id)
        refuses_rewritten(standard.signing_secret, call)


@check("replace the secret: calls have two signatures, and either secret verifies them")
def _():
    old = standard.signing_secret
    new = webhooks.rotate_webhook_secret(*ENDPOINT, SecretRotation(overlap_seconds=3600)).signing_secret
    is_true(new != old, "another secret")
    # The receiver knows only the old one yet.
    ping(standard.webhook.webhook_id)
    call = calls("/standard")[-1]
    signatures = {name.lower(): value for name, value in call.headers.items()}["webhook-signature"]
    equal(len(signatures.split(" ")), 2)
    for secret in (old, new):
        equal(webhook.verify([secret], call.headers, call.raw), call.webhook_id)
    # And now only the new one.
    Receiver.secrets["/standard"] = new
    ping(standard.webhook.webhook_id)


def history() -> list:
    wanted = {"state": DeliveryState.DELIVERED, "patient_id": TOLD, "page_size": 1}
    pages = [deliveries.list_deliveries(*ENDPOINT, **wanted)]
    while pages[-1].meta.next_page_token is not None:
        pages.append(deliveries.list_deliveries(*ENDPOINT, **wanted, page_token=pages[-1].meta.next_page_token))
    return [delivery for page in pages for delivery in page.content]


@check("the history has each delivery, newest first, 1 at a time")
def delivery_id() -> str:
    until("both are delivered", lambda: len(history()) == 2)
    every = history()
    equal([delivery.event.type.value for delivery in every], ["chat.read", "message.sent"])
    ours = [call.webhook_id for call in calls("/standard") if str(TOLD).encode() in call.raw]
    equal([delivery.delivery_id for delivery in every[::-1]], ours)
    return every[-1].delivery_id


@check("get one delivery, with its try")
def _():
    delivery = deliveries.get_delivery(*ENDPOINT, delivery_id)
    equal(delivery.state, DeliveryState.DELIVERED)
    equal([attempt.status for attempt in delivery.attempts], [204])


@check("redeliver it: the same webhook-id and the same bytes come again")
def _():
    known = len(Receiver.bodies["/standard"])

    def tries() -> list:
        return [call for call in calls("/standard") if call.webhook_id == delivery_id]

    equal(deliveries.redeliver(*ENDPOINT, delivery_id).delivery_id, delivery_id)
    until("the second try", lambda: len(tries()) == 2)
    equal(tries()[1].raw, tries()[0].raw)
    equal(len(Receiver.bodies["/standard"]), known)
    until(
        "the second try is in the history",
        lambda: deliveries.get_delivery(*ENDPOINT, delivery_id).attempt_count == 2,
    )
    is_true(deliveries.get_delivery(*ENDPOINT, delivery_id).redelivered_at, "redelivered_at")


# --- problems


def refused(what, status, code, call, places=None, says_when=False):
    """A call that the service refuses, and how."""

    @check(what)
    def _():
        try:
            call()
        except ApiException as refusal:
            equal(refusal.status, status)
            equal(refusal.headers["Content-Type"], "application/problem+json")
            problem = refusal.data
            is_true(isinstance(problem, Problem), "a typed problem")
            equal((problem.code, problem.status, problem.type), (code, status, f"/problems/{code}"))
            equal(problem.instance, refusal.headers["X-Request-Id"])
            if says_when:
                is_true(re.fullmatch("[1-9][0-9]?", refusal.headers["Retry-After"]), "Retry-After")
            if places is not None:
                equal([fault.parameter or fault.pointer for fault in problem.errors], places)
        else:
            raise AssertionError("It was not refused")


configured = next(
    made.webhook_id for made in webhooks.list_webhooks(*PLACE).webhooks if made.managed == WebhookManager.CONFIGURATION
)
refused(
    "409, an endpoint of the configuration cannot be deleted",
    409,
    "conflict",
    lambda: webhooks.delete_webhook(*PLACE, configured),
)
refused(
    "409, the endpoint has been changed since",
    409,
    "conflict",
    lambda: webhooks.change_webhook(*ENDPOINT, WebhookChange(description="changed", version=1)),
)


def deleted(made):
    webhooks.delete_webhook(*PLACE, made.webhook_id)
    refused(
        f"404, the endpoint {made.payload.value} was deleted",
        404,
        "not-found",
        lambda: webhooks.get_webhook(*PLACE, made.webhook_id),
    )


deleted(standard.webhook)
deleted(thin.webhook)


@check("the client itself refuses what the contract forbids")
def _():
    for wrong in (lambda: NewMessage(message=" "), lambda: messages.find_messages(*CHAT, page_size=201)):
        try:
            wrong()
        except pydantic.ValidationError:
            continue
        raise AssertionError("It was not refused")


# model_construct makes an object without the client's own checks.
refused(
    "400, every fault at once",
    400,
    "invalid-request",
    lambda: messages.send_message("No Tenant", INSTANCE, PATIENT, NewMessage.model_construct(message=" ")),
    ["tenantName", "/message"],
)
refused("400, a search without query and token", 400, "invalid-request", lambda: messages.search_messages(*CHAT))
refused(
    "400, a token that is none",
    400,
    "invalid-page-token",
    lambda: messages.find_messages(*CHAT, page_token="e30="),
)
refused(
    "400, a search's token for a find",
    400,
    "invalid-page-token",
    lambda: messages.find_messages(
        *CHAT, page_token=messages.search_messages(*CHAT, query="kestrel").meta.prev_page_token
    ),
)
refused("401, no valid key", 401, "unauthenticated", lambda: MessagesApi(client(api_key={"apiKey": "wrong"})).find_messages(*CHAT))
refused("403, another tenant", 403, "forbidden", lambda: messages.find_messages("other", INSTANCE, PATIENT))
refused(
    "403, another patient's chat by a patient's token",
    403,
    "forbidden",
    lambda: as_patient.send_message(*CHAT, NewMessage(message="not mine")),
)
refused("404, no such message", 404, "not-found", lambda: messages.get_message(*CHAT, "IM" + "0" * 32))


def delete_messages():
    """What no operation does, by the client's own means."""
    address = f"{URL}/api/v1/{TENANT}/{INSTANCE}/patients/{PATIENT}/messages"
    answer = partner.call_api("DELETE", address, header_params={"X-API-KEY": API_KEY["apiKey"]})
    answer.read()
    partner.response_deserialize(answer, {"405": "Problem"})


refused("405, another method", 405, "method-not-allowed", delete_messages)
refused(
    "406, an answer that there is not",
    406,
    "not-acceptable",
    lambda: messages.find_messages(*CHAT, _headers={"Accept": "text/html"}),
)
refused(
    "413, too large a body",
    413,
    "payload-too-large",
    lambda: messages.send_message(*CHAT, NewMessage.model_construct(message="x" * 140_000)),
)
refused(
    "414, too long an address",
    414,
    "uri-too-long",
    lambda: MessagesApi(client(host=f"{URL}/{'x' * 20_000}", api_key=API_KEY)).find_messages(*CHAT),
)
refused(
    "415, a body that is not declared as JSON",
    415,
    "unsupported-media-type",
    lambda: messages.send_message(*CHAT, NewMessage(message="patch"), _content_type="application/merge-patch+json"),
)
refused(
    "422, the same Idempotency-Key for another message",
    422,
    "idempotency-key-reused",
    lambda: messages.send_message(*CHAT, NewMessage(message="another"), idempotency_key="key-0"),
)

refused(
    "431, too long headers",
    431,
    "headers-too-large",
    lambda: messages.find_messages(*CHAT, _headers={"X-Filler": "x" * 20_000}),
)


def at(base: str, **options) -> MessagesApi:
    """Messages at one of the sandbox's addresses."""
    return MessagesApi(client(setting(base).partition("/api/v1/")[0], api_key=API_KEY, **options))


def read_until_refused(there: MessagesApi, patient: uuid.UUID):
    for _ in range(20):
        there.find_messages(*PLACE, patient, page_size=1)


# Without retries: urllib3 waits and tries again by itself when a read is answered with 429 or 503 and Retry-After.
limited = at("CARECHAT_LIMITED_BASE", retries=0)
refused(
    "429, too many requests",
    429,
    "too-many-requests",
    lambda: read_until_refused(limited, uuid.UUID(setting("CARECHAT_PATIENT_ID"))),
    says_when=True,
)
# Of three reads of this patient's chat the sandbox refuses the first two: see docs/sandbox.md.
UNAVAILABLE = uuid.UUID("00000000-0000-4000-8000-000000000503")
refused(
    "503, not available now",
    503,
    "unavailable",
    lambda: read_until_refused(at("CARECHAT_SANDBOX_BASE", retries=0), UNAVAILABLE),
    says_when=True,
)


@check("503, but the client gets over it by itself, with retries as they are")
def _():
    at("CARECHAT_SANDBOX_BASE").find_messages(*PLACE, UNAVAILABLE, page_size=1)


# --- a later version of the service


@check("what a later version may add is borne")
def _():
    later = json.loads(messages.find_messages_without_preload_content(*CHAT, page_size=1).data)
    later["addition"] = 1
    later["content"][0]["message"]["sender"]["clientType"] = "ROBOT"
    page = MessagePage.from_dict(later)
    equal(page.content[0].message.sender.client_type.value, "ROBOT")


# --- webhooks


@check("each message came by webhook, signed, once, in order")
def _():
    expected = [message.message for message in sent]

    def ours():
        return [message for message in Receiver.bodies["/"] if message["patientId"] == str(PATIENT)]

    until("every delivery", lambda: len(ours()) >= len(expected))
    equal([message["message"] for message in ours()], expected)
    equal(list(ours()[0]), ["patientId", "patientUrl", "tenantName", "instanceName", "message"])
    equal((ours()[0]["tenantName"], ours()[0]["instanceName"]), (TENANT, INSTANCE))


@check("a delivery that was parsed and written again does not verify")
def _():
    call = calls("/")[0]
    equal(webhook.verify([SECRET], call.headers, call.raw), call.webhook_id)
    refuses_rewritten(SECRET, call)


receiver.shutdown()

VECTORS = json.loads(
    (Path(__file__).parents[2] / "api-spec/webhook-vectors/vectors.json").read_text(encoding="utf-8")
)["vectors"]


@check(f"webhook.py agrees with the {len(VECTORS)} vectors")
def _():
    is_true(len(VECTORS) > 20, "there are vectors")
    for vector in VECTORS:
        try:
            webhook.verify(vector["secrets"], vector["headers"], base64.b64decode(vector["body"]), vector["now"])
            reason = None
        except webhook.Refused as refusal:
            reason = str(refusal)
        # What is in the body is for the receiver to judge, not for webhook.py.
        expected = vector["expected"].get("reason")
        equal((vector["name"], reason), (vector["name"], None if expected == "UNREADABLE_BODY" else expected))


print("Python: everything is as it should be.")
