"""Verifies webhooks of carechat (Standard Webhooks 1.0) with nothing but Python's own library. Copy it."""

import base64
import hashlib
import hmac
import time
from collections.abc import Iterable, Mapping
from typing import Optional

TOLERANCE_SECONDS = 5 * 60


class Refused(Exception):
    """The call must not be believed; the text says why."""


def verify(secrets: Iterable[str], headers: Mapping[str, str], body: bytes, now: Optional[int] = None) -> str:
    """Returns the webhook-id of a genuine call, and raises Refused otherwise.

    `secrets` are as carechat shows them, `headers` may have names in any case, and `body` is the bytes as they
    came, before any parsing. `now` is for tests.
    """
    named = {name.lower(): value for name, value in headers.items()}
    webhook_id = named.get("webhook-id")
    timestamp = named.get("webhook-timestamp")
    signatures = named.get("webhook-signature")
    if not webhook_id or not timestamp or not signatures:
        raise Refused("MISSING_HEADER")
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 11):
        raise Refused("MALFORMED_TIMESTAMP")
    now = int(time.time()) if now is None else now
    if int(timestamp) < now - TOLERANCE_SECONDS:
        raise Refused("TOO_OLD")
    if int(timestamp) > now + TOLERANCE_SECONDS:
        raise Refused("TOO_NEW")
    matches = False
    for secret in secrets:
        key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
        signed = f"{webhook_id}.{timestamp}.".encode() + body
        right = b"v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest())
        for signature in signatures.split(" "):
            matches |= hmac.compare_digest(signature.encode(), right)
    if not matches:
        raise Refused("NO_MATCHING_SIGNATURE")
    return webhook_id
