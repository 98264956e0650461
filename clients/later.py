"""Answers as a later version of the service would: passes each request on, and adds to each JSON answer what may be added.

Called with a port. Every object gets a member more, and every value of an enum that is open to more values becomes one that nobody knows. The
rest is as CARECHAT_URL answers. "./carechat clients" shows with it that a client that was made today still reads the answers then.
"""

import json
import os
import sys
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

SERVICE = os.environ["CARECHAT_URL"]
# The contract marks these enums with x-carechat-more-values; a Problem's code and an Event's type are open strings.
OPEN = {"clientType", "payload", "managed", "state", "disabledReason", "type", "code"}
LATER = {"type": "later.type", "code": "later-code"}


def later(value):
    if isinstance(value, list):
        return [later(each) for each in value]
    if isinstance(value, dict):
        made = {}
        for name, member in value.items():
            if name in OPEN and isinstance(member, str) and not member.startswith("/problems/"):
                made[name] = LATER.get(name, "LATER")
            elif name in ("eventTypes", "senders"):
                made[name] = [*member, "LATER"]
            else:
                made[name] = later(member)
        return {**made, "laterMember": {"later": [1, None]}}
    return value


class Later(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def pass_on(self):
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length) if length else None
        headers = {name: value for name, value in self.headers.items() if name.lower() not in ("host", "connection", "accept-encoding")}
        request = urllib.request.Request(SERVICE + self.path, data=body, headers=headers, method=self.command)
        try:
            answer = urllib.request.urlopen(request)
        except urllib.error.HTTPError as refusal:
            answer = refusal
        with answer:
            raw = answer.read()
        if "json" in answer.headers.get("Content-Type", ""):
            raw = json.dumps(later(json.loads(raw))).encode()
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            if name.lower() not in ("content-length", "connection", "transfer-encoding", "date"):
                self.send_header(name, value)
        self.send_header("X-Later", "1")
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = pass_on

    def log_message(self, *arguments):
        pass


ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Later).serve_forever()
