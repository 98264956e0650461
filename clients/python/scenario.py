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
from datetime import timedelta, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import pydantic

import webhook
from carechat_client import ApiClient, ApiException, Configuration, MessagesApi
from carechat_client.models import (
    CareTeamSender,
    ClientType,
    Message,
    MessageItem,
    MessagePage,
    MessageSearch,
    NewMessage,
    Problem,
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


class Receiver(BaseHTTPRequestHandler):
    """The receiver of a partner: checks who calls, keeps each delivery once, answers 204."""

    deliveries: list = []
    lock = threading.Lock()

    def do_POST(self):
        raw = self.rfile.read(int(self.headers["Content-Length"]))
        try:
            webhook_id = webhook.verify([SECRET], dict(self.headers), raw)
        except webhook.Refused:
            self.answer(401)
            return
        if (self.headers["X-WEBHOOK-API-KEY"], self.headers["X-WEBHOOK-API-SECRET"]) != CREDENTIALS:
            self.answer(401)
            return
        with self.lock:
            if all(webhook_id != known for known, _, _, _ in self.deliveries):
                self.deliveries.append((webhook_id, json.loads(raw), raw, dict(self.headers)))
        self.answer(204)

    def answer(self, status):
        self.send_response(status)
        self.end_headers()

    def log_message(self, *arguments):
        pass


URL = setting("CARECHAT_URL")
TENANT = setting("CARECHAT_TENANT")
INSTANCE = setting("CARECHAT_INSTANCE")
SECRET = setting("CARECHAT_WEBHOOK_SIGNING_KEY")
CREDENTIALS = (setting("CARECHAT_WEBHOOK_API_KEY"), setting("CARECHAT_WEBHOOK_API_SECRET"))
# A chat of our own, which nobody else writes to.
PATIENT = uuid.uuid4()
CHAT = (TENANT, INSTANCE, PATIENT)


def client(**credential) -> MessagesApi:
    return MessagesApi(ApiClient(Configuration(host=URL, **credential)))


messages = client(api_key={"apiKey": setting("CARECHAT_API_KEY")})
# Without retries: urllib3 waits and tries again by itself when a read is answered with 429 or 503 and Retry-After.
as_patient = client(access_token=setting("CARECHAT_PATIENT_TOKEN"), retries=0)

receiver = ThreadingHTTPServer(("127.0.0.1", urlsplit(setting("CARECHAT_WEBHOOK_URL")).port), Receiver)
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


# --- problems


def refused(what, status, code, call, places=None):
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
            if places is not None:
                equal([fault.parameter or fault.pointer for fault in problem.errors], places)
        else:
            raise AssertionError("It was not refused")


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
refused("401, no valid key", 401, "unauthenticated", lambda: client(api_key={"apiKey": "wrong"}).find_messages(*CHAT))
refused("403, another tenant", 403, "forbidden", lambda: messages.find_messages("other", INSTANCE, PATIENT))
refused(
    "403, another patient's chat by a patient's token",
    403,
    "forbidden",
    lambda: as_patient.send_message(*CHAT, NewMessage(message="not mine")),
)
refused("404, no such message", 404, "not-found", lambda: messages.get_message(*CHAT, "IM" + "0" * 32))
refused(
    "413, too large a body",
    413,
    "payload-too-large",
    lambda: messages.send_message(*CHAT, NewMessage.model_construct(message="x" * 70_000)),
)
refused(
    "422, the same Idempotency-Key for another message",
    422,
    "idempotency-key-reused",
    lambda: messages.send_message(*CHAT, NewMessage(message="another"), idempotency_key="key-0"),
)

OWN = (TENANT, INSTANCE, uuid.UUID(setting("CARECHAT_PATIENT_ID")))


def quota() -> int:
    try:
        headers = as_patient.find_messages_with_http_info(*OWN, page_size=1).headers
    except ApiException as refusal:
        headers = refusal.headers
    return int(re.search(r";q=(\d+)", headers["RateLimit-Policy"])[1])


def read_until_refused(times: int):
    with ThreadPoolExecutor(8) as threads:
        for _ in range(0, times, 8):
            list(threads.map(lambda _: as_patient.find_messages(*OWN, page_size=1), range(8)))


# With the patient's token, which nothing else here reads with.
allowed = quota()
if allowed > 1000:
    print(f"not tried: 429, because this installation allows {allowed} requests")
else:
    # More than are allowed, because some are allowed anew in the meantime.
    refused("429, too many requests", 429, "too-many-requests", lambda: read_until_refused(5 * allowed))


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
    deadline = time.monotonic() + 30

    def ours():
        return [message for _, message, _, _ in Receiver.deliveries if message["patientId"] == str(PATIENT)]

    while len(ours()) < len(expected):
        is_true(time.monotonic() < deadline, f"every delivery within 30 s; {len(ours())} came")
        time.sleep(0.02)
    equal([message["message"] for message in ours()], expected)
    equal(list(ours()[0]), ["patientId", "patientUrl", "tenantName", "instanceName", "message"])
    equal((ours()[0]["tenantName"], ours()[0]["instanceName"]), (TENANT, INSTANCE))


@check("a delivery that was parsed and written again does not verify")
def _():
    webhook_id, message, raw, headers = Receiver.deliveries[0]
    equal(webhook.verify([SECRET], headers, raw), webhook_id)
    try:
        webhook.verify([SECRET], headers, json.dumps(message).encode())
    except webhook.Refused as refusal:
        equal(str(refusal), "NO_MATCHING_SIGNATURE")
    else:
        raise AssertionError("It verified")


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
