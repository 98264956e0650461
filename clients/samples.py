"""Runs the documentation's samples: what /docs shows in curl, Java, TypeScript and Python works, as it stands there.

Called by "./carechat clients" with the languages to run (sh, java, ts, python), after the clients were built and with a service's demo.env in the
environment. Every block of api-spec/docs is compiled (java, ts) and run (all) after the first block of its language in first-steps.md. Only
this is changed in them: the ids of the contract's examples become those of things that exist, and the port 9000 of a partner's receiver a free one.
"""

import json
import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "api-spec" / "docs"
WORK = ROOT / "clients" / "target" / "samples"
PATIENT = "5cccfad8-c7b0-4fe8-a01e-eb80c0b234ab"
CHAT = f"{os.environ['CARECHAT_URL']}/api/v1/test-den/chat2/patients/{PATIENT}"

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
"""

# A receiver serves for ever. It is started, and called by the curl sample of receiveMessage.
RECEIVERS = "guides/webhooks.md"
CALL_OF_A_RECEIVER = "samples/receiveMessage.md"


def blocks(language):
    """Each file's blocks of a language, by the file's name under docs."""
    found = {}
    for file in sorted(DOCS.glob("*/*.md")):
        # A block may be longer than the three marks allow only if it has such marks itself; none has.
        of_language = re.findall(rf"^```{language}\n(.*?)^```$", file.read_text(), re.MULTILINE | re.DOTALL)
        if of_language:
            found[str(file.relative_to(DOCS))] = of_language
    return found


def call(path, body=None):
    """What the service answers."""
    request = urllib.request.Request(CHAT + path, headers={"X-API-KEY": os.environ["CARECHAT_API_KEY"]})
    if body is not None:
        request.data = json.dumps(body).encode()
        request.add_header("Content-Type", "application/json")
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return listening.getsockname()[1]


def real(text, port):
    """The sample with things that exist."""
    for example, existing in EXISTING.items():
        text = text.replace(example, existing)
    return text.replace("9000", str(port))


def fail(what, program, output):
    numbered = "\n".join(f"{number:4} {line}" for number, line in enumerate(program.splitlines(), 1))
    sys.exit(f"The sample does not work: {what}\n{numbered}\n{output}")


def run(what, program, command, **options):
    """Runs a sample to its end; its failure is ours."""
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=120, **options)
    # A shell goes on after a substitution that failed.
    if done.returncode != 0 or re.search(r": (command )?not found$", done.stdout, re.MULTILINE):
        fail(what, program, done.stdout)


def serve(what, program, command, port, **options):
    """Runs a sample that is a receiver until it has accepted a call."""
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
            post = shell(real(blocks("sh")[CALL_OF_A_RECEIVER][0], port))
            answered = subprocess.run(post, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=60)
            if answered.returncode != 0 or " 204 " not in answered.stdout:
                receiver.kill()
                fail(what, program, answered.stdout + receiver.stdout.read())
        finally:
            receiver.kill()


def shell(program):
    # An answer that is an error fails the sample, unless the sample says that it is one.
    fails = "" if re.search(r"^# [45]\d\d,", program, re.MULTILINE) else "--fail-with-body"
    return ["sh", "-euc", f'curl() {{ command curl -sS {fails} "$@"; }}\n{program}']


def run_sh():
    prelude = blocks("sh")["guides/first-steps.md"][0]
    count = 0
    for file, programs in blocks("sh").items():
        for program in programs:
            if file == CALL_OF_A_RECEIVER:
                continue  # called by each receiver
            count += 1
            program = real(program, 9000)
            run(file, program, shell(prelude.splitlines()[0] + "\n" + program))
    return count


def run_java():
    prelude = blocks("java")["guides/first-steps.md"][0]
    folder = WORK / "java"
    folder.mkdir(parents=True, exist_ok=True)
    port = free_port()
    programs = {}
    for number, (file, parts) in enumerate(blocks("java").items()):
        body = "\n".join("{\n" + real(part, port) + "}" for part in parts if part != prelude)
        name = f"Sample{number}"
        source = f"{JAVA_IMPORTS}\nclass {name} {{\nvoid main() throws Exception {{\n{prelude}\n{body}\n}}\n}}\n"
        (folder / f"{name}.java").write_text(source)
        programs[file] = (name, source, len(parts))
    java = Path(os.environ["JAVA_HOME"]) / "bin"
    path = str(ROOT / "clients" / "java" / "target" / "scenario" / "*")
    sources = [str(folder / f"{name}.java") for name, _, _ in programs.values()]
    run("java", "\n".join(sources), [java / "javac", "-cp", path, "-proc:none", "-d", folder / "classes", *sources])
    for file, (name, source, _) in programs.items():
        command = [java / "java", "-cp", f"{path}{os.pathsep}{folder / 'classes'}", name]
        serve(file, source, command, port) if file == RECEIVERS else run(file, source, command)
    return sum(count for _, _, count in programs.values())


def run_ts():
    prelude = blocks("ts")["guides/first-steps.md"][0]
    # Beside the scenario, so that the imports find what is installed there.
    scenario = ROOT / "clients" / "typescript" / "scenario"
    folder = scenario / "dist" / "samples"
    folder.mkdir(parents=True, exist_ok=True)
    port = free_port()
    programs = {}
    for number, (file, parts) in enumerate(blocks("ts").items()):
        imports, body = [], []
        for part in parts:
            part = real(part, port)
            imports += re.findall(r"^import .*?;$", part, re.MULTILINE | re.DOTALL)
            code = re.sub(r"^import .*?;$", "", part, flags=re.MULTILINE | re.DOTALL)
            body.append(code if part == prelude else "{\n" + code + "}")
        if parts[0] != prelude:
            imports += re.findall(r"^import .*?;$", prelude, re.MULTILINE)
            body.insert(0, re.sub(r"^import .*?;$", "", prelude, flags=re.MULTILINE))
        source = "\n".join(dict.fromkeys(imports)) + "\n" + "\n".join(body) + "\nexport {};\n"
        name = f"sample{number}"
        (folder / f"{name}.ts").write_text(source)
        programs[file] = (name, source, len(parts))
    options = "--target ES2022 --module NodeNext --lib ES2023,DOM,DOM.Iterable --types node --strict --skipLibCheck".split()
    sources = [str(folder / f"{name}.ts") for name, _, _ in programs.values()]
    tsc = ["node", str(scenario / "node_modules" / "typescript" / "bin" / "tsc"), *options, *sources]
    run("ts", "\n".join(sources), tsc, cwd=scenario)
    for file, (name, source, _) in programs.items():
        command = ["node", str(folder / f"{name}.js")]
        serve(file, source, command, port) if file == RECEIVERS else run(file, source, command)
    return sum(count for _, _, count in programs.values())


def run_python():
    prelude = blocks("python")["guides/first-steps.md"][0]
    path = os.pathsep.join([str(ROOT / "clients" / "target" / "python"), str(ROOT / "clients" / "python")])
    environment = {**os.environ, "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"}
    port = free_port()
    count = 0
    for file, parts in blocks("python").items():
        count += len(parts)
        program = "\n".join([prelude, *(real(part, port) for part in parts if part != prelude)])
        command = [sys.executable, "-c", program]
        runs = serve if file == RECEIVERS else run
        runs(file, program, command, *([port] if runs is serve else []), env=environment)
    return count


def existing():
    """What the contract's example ids stand for here."""
    page = call("/messages?pageSize=1")
    message = call("/messages", {"message": "hello, world! This one is for the samples."})
    os.environ["TOKEN"] = page["content"][0]["meta"]["nextPageToken"]
    os.environ["KEPT"] = page["meta"]["prevPageToken"]
    return {"IM6f03096c79094f9b9466c7d009073ca1": message["externalId"]}


EXISTING = existing()
for asked in sys.argv[1:]:
    print(f"{asked}: {globals()[f'run_{asked}']()} samples work")
