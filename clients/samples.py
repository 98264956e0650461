"""Runs the documentation's samples: what /docs shows in curl, Java, TypeScript and Python works, as it stands there.

Called by "./carechat clients" with the languages to run (sh, java, ts, python), after the clients were built and with a service's demo.env in the
environment. Every block of api-spec/docs is compiled (java, ts) and run (all) after the blocks of its language in first-steps.md. Only
this is changed in them: the ids of the contract's examples become those of things that exist, and the port 9000 of a partner's receiver a free one.
What would go on for ever is ended once it has shown an event.
"""

import atexit
import json
import os
import re
import select
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "api-spec" / "docs"
WORK = ROOT / "clients" / "target" / "samples"
PATIENT = "5cccfad8-c7b0-4fe8-a01e-eb80c0b234ab"
INSTANCE = f"{os.environ['CARECHAT_URL']}/api/v1/test-den/chat2"
CHAT = f"/patients/{PATIENT}"

JAVA_IMPORTS = """
import com.sun.net.httpserver.HttpServer;
import io.carechat.client.*;
import io.carechat.client.model.*;
import io.carechat.client.webhook.*;
import java.io.*;
import java.net.*;
import java.net.http.*;
import java.time.*;
import java.util.*;
import java.util.concurrent.*;
import java.util.stream.*;
"""

FIRST_STEPS = "guides/first-steps.md"
INBOX = "guides/inbox.md"

# A receiver serves for ever. It is started, and called by the curl samples of what it receives.
RECEIVERS = "guides/webhooks.md"
CALLS_OF_RECEIVERS = ["samples/receiveMessage.md", "samples/receiveEvent.md", "samples/receiveThinEvent.md"]

# What guides/events.md leaves to the reader: to keep what was done, and up to where.
JAVA_STUBS = """
static String remembered() { return null; }
static void workAndRemember(Object work, String place) { System.out.println(place + " " + work); }
"""
TS_STUBS = """
const remembered = (): string | undefined => undefined;
const workAndRemember = (work: unknown, place: string | undefined) => console.log(place, work);
"""
PYTHON_STUBS = """
def remembered():
    return None

def work_and_remember(work, place):
    print(place, work)
"""

# How a curl sample says that its answer is an error.
OF_A_REFUSAL = r"^# ([45]\d\d),"

# The endpoint that the delivery samples are about: the demonstration's own receiver, which has deliveries.
RECEIVER = "demo-receiver"
# Where the webhooks that are made for the samples are: nobody listens there, which is an outcome of a ping as well.
# Nobody listens there. Each webhook has a host of its own: an instance may not have a URL twice.
NOBODY = f":65535/samples/{os.getpid()}"
EXAMPLES = "https://partner.example/"
HOSTS_OF_NOBODY = (f"http://127.{a}.{b}.1" for a in range(1, 256) for b in range(256))
EXAMPLE_OF_A_WEBHOOK = "we01a205fc201575578fae54cb009e666a"


def blocks(language):
    """Each file's blocks of a language, by the file's name under docs."""
    found = {}
    for file in sorted(DOCS.glob("*/*.md")):
        # A block may be longer than the three marks allow only if it has such marks itself; none has.
        of_language = re.findall(rf"^```{language}\n(.*?)^```$", file.read_text(), re.MULTILINE | re.DOTALL)
        if of_language:
            found[str(file.relative_to(DOCS))] = of_language
    return found


def goes_on_for_ever(part):
    """Whether a block is a stream, or repeats without an end."""
    return "/events/stream" in part or "while (true)" in part or ("while True:" in part and "break" not in part)


def programs(language):
    """The language's blocks as programs, each as its file, whether it goes on for ever, and its blocks after those of the first steps.

    A file is one program, but a block that goes on for ever is one of its own: what follows it would never run.
    """
    made = []
    for file, parts in blocks(language).items():
        ending = [part for part in parts if not goes_on_for_ever(part)]
        if file == FIRST_STEPS:
            made.append((file, False, []))
        elif ending:
            made.append((file, False, ending))
        made += [(file, True, [part]) for part in parts if goes_on_for_ever(part)]
    return made


def count(language):
    return sum(len(parts) for parts in blocks(language).values())


def call(path, body=None, method=None):
    """What the service answers."""
    request = urllib.request.Request(INSTANCE + path, headers={"X-API-KEY": os.environ["CARECHAT_API_KEY"]}, method=method)
    if body is not None:
        request.data = json.dumps(body).encode()
        request.add_header("Content-Type", "application/json")
    with urllib.request.urlopen(request) as answer:
        return json.loads(answer.read() or "null")


def delete_webhooks():
    """Deletes those that the samples have made, and no other."""
    for webhook in call("/webhooks")["webhooks"]:
        if webhook["url"].endswith(NOBODY) or webhook["url"].startswith(EXAMPLES):
            call(f"/webhooks/{webhook['webhookId']}", method="DELETE")


def delete_examples():
    """Deletes those of the samples' own URL, so that the next sample can create one with it."""
    for webhook in call("/webhooks")["webhooks"]:
        if webhook["url"].startswith(EXAMPLES):
            call(f"/webhooks/{webhook['webhookId']}", method="DELETE")


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return listening.getsockname()[1]


def real(text, port):
    """The program with things that exist, and with a webhook of its own if it has one: it may delete it."""
    # The port first: an id may happen to have these digits.
    text = text.replace("9000", str(port))
    for example, existing in EXISTING.items():
        text = text.replace(example, existing)
    if EXAMPLE_OF_A_WEBHOOK in text:
        made = call("/webhooks", {"url": next(HOSTS_OF_NOBODY) + NOBODY, "payload": "STANDARD", "eventTypes": ["message.sent"]})
        text = text.replace(EXAMPLE_OF_A_WEBHOOK, made["webhook"]["webhookId"])
    return text


def refusals(file):
    """The statuses that a file's samples are to show: its curl samples name them, as in "# 404, …"."""
    return re.findall(OF_A_REFUSAL, "\n".join(blocks("sh").get(file, [])), re.MULTILINE)


def show_refusal(file, program, output):
    """A sample that catches a refusal must be seen to get one, with the status that its file names."""
    if not re.search(r"\b(ApiException|ResponseError)\b", program):
        return
    if not any(re.search(rf"\b{status}\b", output) for status in refusals(file)):
        expected = " or ".join(refusals(file)) or "a status, but no curl sample of its file names one"
        fail(file, program, f"It is to show {expected}, and printed:\n{output}")


def fail(what, program, output):
    numbered = "\n".join(f"{number:4} {line}" for number, line in enumerate(program.splitlines(), 1))
    sys.exit(f"The sample does not work: {what}\n{numbered}\n{output}")


def run(what, program, command, **options):
    """Runs a sample to its end; its failure is ours."""
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=120, **options)
    # A shell goes on after a substitution that failed.
    if done.returncode != 0 or re.search(r": (command )?not found$", done.stdout, re.MULTILINE):
        fail(what, program, done.stdout)
    return done.stdout


def follow(what, program, command, **options):
    """Runs a sample that goes on for ever until it has shown an event."""
    with tempfile.TemporaryFile("w+") as errors:
        # In a group of its own, to end with a shell also the curl that it runs.
        follower = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, start_new_session=True, **options)
        shown = b""
        try:
            deadline = time.monotonic() + 60
            # Every event has its time: so what is shown is one, and not a refusal.
            while not re.search(rb"created_?at", shown, re.IGNORECASE):
                ready, _, _ = select.select([follower.stdout], [], [], max(0, deadline - time.monotonic()))
                more = os.read(follower.stdout.fileno(), 65536) if ready else b""
                if not more:
                    errors.seek(0)
                    fail(what, program, f"It has not shown an event, but:\n{shown.decode()}{errors.read()}")
                shown += more
        finally:
            os.killpg(follower.pid, signal.SIGKILL)
            follower.wait()
            follower.stdout.close()


def serve(what, program, command, port, calls, **options):
    """Runs a sample that is a receiver until it has accepted each call."""
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options) as receiver:
        try:
            deadline = time.monotonic() + 60
            while True:
                try:
                    socket.create_connection(("127.0.0.1", port), timeout=1).close()
                    break
                except OSError:
                    if receiver.poll() is not None or time.monotonic() > deadline:
                        receiver.kill()
                        fail(what, program, receiver.stdout.read())
                    time.sleep(0.1)
            for calling in calls:
                post = shell(real(blocks("sh")[calling][0], port))
                answered = subprocess.run(post, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=60)
                if answered.returncode != 0 or " 204 " not in answered.stdout:
                    receiver.kill()
                    fail(f"{what} called by {calling}", program, answered.stdout + receiver.stdout.read())
        finally:
            receiver.kill()


def shell(program):
    # An answer that is an error fails the sample, unless the sample says that it is one.
    fails = "" if re.search(OF_A_REFUSAL, program, re.MULTILINE) else "--fail-with-body"
    return ["sh", "-euc", f'curl() {{ command curl -sS {fails} "$@"; }}\n{program}']


def execute(file, endless, program, command, port, calls=CALLS_OF_RECEIVERS, **options):
    delete_examples()
    if file == RECEIVERS:
        serve(file, program, command, port, calls, **options)
    elif endless:
        follow(file, program, command, **options)
    else:
        output = run(file, program, command, **options)
        for status in re.findall(OF_A_REFUSAL, program, re.MULTILINE):
            if not re.search(rf"^HTTP/\S+ {status}\b", output, re.MULTILINE):
                fail(file, program, f"Its answer is to be a {status}, and was:\n{output}")
        show_refusal(file, program, output)


def run_sh():
    # Its variables only, not its calls.
    prelude = "\n".join(re.findall(r"^\w+=.*$", "\n".join(blocks("sh")[FIRST_STEPS]), re.MULTILINE))
    for file, parts in blocks("sh").items():
        if file in CALLS_OF_RECEIVERS:
            continue  # made to each receiver
        for part in parts:
            program = real(f"{prelude}\n{part}", 9000)
            # A token is of the list that gave it.
            token = CHATS_TOKEN if file == INBOX else MESSAGES_TOKEN
            execute(file, goes_on_for_ever(part), program, shell(program), 9000, env={**os.environ, "TOKEN": token})


def run_java():
    prelude = "".join(blocks("java")[FIRST_STEPS])
    folder = WORK / "java"
    folder.mkdir(parents=True, exist_ok=True)
    port = free_port()
    compiled = []
    for number, (file, endless, parts) in enumerate(programs("java")):
        body = prelude + "".join("{\n" + part + "}\n" for part in parts)
        name = f"Sample{number}"
        source = real(f"{JAVA_IMPORTS}\nclass {name} {{{JAVA_STUBS}\nvoid main() throws Exception {{\n{body}}}\n}}\n", port)
        (folder / f"{name}.java").write_text(source)
        compiled.append((file, endless, name, source))
    java = Path(os.environ["JAVA_HOME"]) / "bin"
    path = str(ROOT / "clients" / "java" / "target" / "scenario" / "*")
    sources = [str(folder / f"{name}.java") for _, _, name, _ in compiled]
    run("java", "\n".join(sources), [java / "javac", "-cp", path, "-proc:none", "-d", folder / "classes", *sources])
    for file, endless, name, source in compiled:
        command = [java / "java", "-cp", f"{path}{os.pathsep}{folder / 'classes'}", name]
        # Its verify is for the payload SOURCE; for events there is verifyEvent, which the guide names.
        execute(file, endless, source, command, port, CALLS_OF_RECEIVERS[:1])


def run_ts():
    of_import = r"^import .*?;$"
    # Beside the scenario, so that the imports find what is installed there.
    scenario = ROOT / "clients" / "typescript" / "scenario"
    folder = scenario / "dist" / "samples"
    folder.mkdir(parents=True, exist_ok=True)
    port = free_port()
    compiled = []
    for number, (file, endless, parts) in enumerate(programs("ts")):
        first = blocks("ts")[FIRST_STEPS]
        imports = [found for part in first + parts for found in re.findall(of_import, part, re.MULTILINE | re.DOTALL)]
        first, parts = ([re.sub(of_import, "", part, flags=re.MULTILINE | re.DOTALL) for part in some] for some in (first, parts))
        body = "".join(first) + TS_STUBS + "".join("{\n" + part + "}\n" for part in parts)
        source = real("\n".join(dict.fromkeys(imports)) + "\n" + body + "\nexport {};\n", port)
        name = f"sample{number}"
        (folder / f"{name}.ts").write_text(source)
        compiled.append((file, endless, name, source))
    libraries = "ES2023,DOM,DOM.Iterable,DOM.AsyncIterable"
    options = f"--target ES2022 --module NodeNext --lib {libraries} --types node --strict --skipLibCheck".split()
    sources = [str(folder / f"{name}.ts") for _, _, name, _ in compiled]
    tsc = ["node", str(scenario / "node_modules" / "typescript" / "bin" / "tsc"), *options, *sources]
    run("ts", "\n".join(sources), tsc, cwd=scenario)
    for file, endless, name, source in compiled:
        execute(file, endless, source, ["node", str(folder / f"{name}.js")], port)


def run_python():
    prelude = "\n".join(blocks("python")[FIRST_STEPS])
    path = os.pathsep.join([str(ROOT / "clients" / "target" / "python"), str(ROOT / "clients" / "python")])
    environment = {**os.environ, "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"}
    port = free_port()
    for file, endless, parts in programs("python"):
        program = real("\n".join([prelude, PYTHON_STUBS, *parts]), port)
        # Without a buffer, what it prints is seen at once.
        execute(file, endless, program, [sys.executable, "-u", "-c", program], port, env=environment)


def delivery_of(receiver):
    """The id of one of its deliveries, once it has one."""
    deadline = time.monotonic() + 60
    while not (page := call(f"/webhooks/{receiver}/deliveries?pageSize=1"))["content"]:
        if time.monotonic() > deadline:
            sys.exit(f"The webhook {receiver} has had no delivery for a minute")
        time.sleep(0.1)
    return page["content"][0]["deliveryId"]


def existing():
    """What the contract's example ids stand for here."""
    page = call(f"{CHAT}/messages?pageSize=1")
    message = call(f"{CHAT}/messages", {"message": "hello, world! This one is for the samples."})
    event = call("/events?limit=1")["after"]
    os.environ["KEPT"] = page["meta"]["prevPageToken"]
    os.environ["AFTER"] = os.environ["LAST"] = event
    return {
        "IM6f03096c79094f9b9466c7d009073ca1": message["externalId"],
        "7421-980": event,
        # The guides are about the demonstration's receiver; the contract's own examples have a name of their own.
        "partner-1": RECEIVER,
        "WH01a205fc20247ee0b2935dff50fe5af7": delivery_of(RECEIVER),
    }


atexit.register(delete_webhooks)
EXISTING = existing()
MESSAGES_TOKEN = call(f"{CHAT}/messages?pageSize=1")["meta"]["nextPageToken"]
CHATS_TOKEN = call("/patients?pageSize=1")["meta"]["nextPageToken"]
for asked in sys.argv[1:]:
    globals()[f"run_{asked}"]()
    print(f"{asked}: {count(asked)} samples work", flush=True)
