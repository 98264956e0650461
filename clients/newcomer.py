"""Takes the way of each guide's "From nothing to a verified webhook", as it stands there, and says how long it was.

Called by "./carechat clients" with the languages, and with a service's demo.env in the environment. Every block of the section is run or
written to the file that is named before it, in their order, in an empty folder. Only this is changed: the service runs already and
its variables are there, with another patient, the port 9000 is a free one, and the folder is one that is deleted afterwards.
"""

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
import uuid
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
GUIDES = {
    "java": ROOT / "api-spec" / "java-client" / "README.md",
    "typescript": ROOT / "clients" / "typescript" / "README.md",
    "python": ROOT / "clients" / "python" / "README.md",
}
START = "./carechat run\n"
LOAD = ". ./data/demo.env\n"
FOLDER = "~/carechat-first"
SECONDS = 300


def section(guide):
    """From the section's heading to the next."""
    return re.search(r"^## From nothing to a verified webhook\n(.*?)^## ", guide.read_text(), re.MULTILINE | re.DOTALL)[1]


def way(text, folder, port):
    """The section as one shell script; what is in a file is written by it."""
    script = []
    # A name at the beginning of a paragraph is that of the file that the next block is for.
    for name, language, block in re.findall(r"(?:^`([\w.]+)`,[^`]*?(?:`[^`]*`[^`]*?)*?)?^```(\w+)\n(.*?)^```$", text, re.M | re.S):
        if name:
            script.append(f"cat >{name} <<'END OF {name}'\n{block}END OF {name}\n")
        elif language == "sh":
            script.append(block)
        else:
            sys.exit(f"No file is named for this block:\n{block}")
    if script[0] != START or not script[1].startswith(LOAD):
        sys.exit(f"The section is to begin with '{START.strip()}' and '{LOAD.strip()}'")
    return "".join(script[1:]).removeprefix(LOAD).replace(FOLDER, folder).replace("9000", port)


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return str(listening.getsockname()[1])


def call(method, path):
    request = urllib.request.Request(os.environ["CARECHAT_BASE"] + path, method=method, headers={"X-API-KEY": os.environ["CARECHAT_API_KEY"]})
    with urllib.request.urlopen(request) as answer:
        return json.loads(answer.read() or "null")


def delete_endpoints(port):
    """Deletes what the guide has registered: nobody listens there any more."""
    for webhook in call("GET", "/webhooks")["webhooks"]:
        if webhook["url"] == f"http://127.0.0.1:{port}/":
            call("DELETE", f"/webhooks/{webhook['webhookId']}")


def take(language):
    text = section(GUIDES[language])
    blocks = re.findall(r"^```\w+\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    lines = sum(len([line for line in block.splitlines() if line.strip()]) for block in blocks)
    words = len(re.sub(r"^```\w+\n.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL).split())
    with tempfile.TemporaryDirectory() as folder:
        port = free_port()
        script = way(text, folder, port)
        environment = {
            **os.environ,
            "PATH": f"{os.environ['JAVA_HOME']}/bin{os.pathsep}{os.environ['PATH']}",
            # A chat in which no message waits for a receiver that there was not.
            "CARECHAT_PATIENT_ID": str(uuid.uuid4()),
            # Where there is no index of packages but a folder, it is not asked again and again.
            "PIP_RETRIES": "0",
        }
        begun = time.monotonic()
        # In a group of its own, to end the receiver too.
        shell = subprocess.Popen(["bash", "-euo", "pipefail", "-c", script], cwd=ROOT, env=environment, start_new_session=True,
                                 stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        shown = b""
        try:
            while not (re.search(rb"^sent IM", shown, re.M) and re.search(rb"^verified WH\w+ hello, world!$", shown, re.M)):
                ready, _, _ = select.select([shell.stdout], [], [], max(0, begun + SECONDS - time.monotonic()))
                more = os.read(shell.stdout.fileno(), 65536) if ready else b""
                if not more:
                    sys.exit(f"The way of {GUIDES[language]} does not lead to a verified webhook:\n{shown.decode()}\nIt was:\n{script}")
                shown += more
        finally:
            os.killpg(shell.pid, signal.SIGKILL)
            shell.wait()
            shell.stdout.close()
            delete_endpoints(port)
        took = time.monotonic() - begun
    print(f"{language}: a verified webhook {took:.0f} s after the service was ready; {lines} lines to type, {words} words to read", flush=True)


for asked in sys.argv[1:]:
    take(asked)
