"""What users of real clients see of every scenario of the lab: the texts that ``ayxctl explain`` is measured on.

Run by hand, as root, with ``PYTHONPATH=tests``. It is no part of the tests' usual run: there,
``test_capture_errors.py`` captures one scenario, and all of them with ``--capture-errors FILE``. ::

    python -m lab.capture_errors -o captures.json            # every client of this machine, every scenario
    python -m lab.capture_errors -o captures.json --client old.json --from 0 --to 40
    python -m lab.capture_errors -o healthy.json --client old.json --healthy      # who cannot do what by nature

``--client FILE`` adds clients: a JSON list of ``{"name", "library", "command": [program, …], "environment": {…}}``; the
command is run in the client's namespace with the Server's address as its last argument and prints JSON with the keys
``traceback`` and ``message``, as ``clients/python_client.py`` does. So come in other Pythons, older
libraries and other languages; ``clients/README.md`` says how their environments are made.

The output is a JSON list of ``{"scenario", "code", "client", "library", "style", "text"}``; paths and the name of this
machine are replaced by neutral ones.
"""

from __future__ import annotations

import argparse
import json
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from lab.faults import Filter, StandIn
from lab.laboratory import Laboratory
from lab.scenario import Scenario
from lab.scenarios import SCENARIOS

HERE = Path(__file__).parent / "clients"
LIMIT_S = 25.0
#: The healthy twin of the scenarios with a proxy for plain HTTP. Some libraries do not heed the upper-case HTTP_PROXY.
PLAIN_THROUGH_A_PROXY = Scenario(
    "healthy over plain HTTP through a proxy",
    None,
    "the proxy works, and the client is told of it; direct connections are dropped and nobody minds",
    "ok",
    (Filter("router1", "forward", ("tcp dport 80 drop",)), StandIn(certificate=None)),
    url="http://fault.lab.test/webapi",
    environment={"HTTP_PROXY": "http://proxy.lab.test:3128"},
)


@dataclass(frozen=True)
class Client:
    """A program that talks to the Server with one library.

    Attributes:
        name: Unique.
        library: What ``explain`` should name; ``None`` for one outside the contract's list.
        command: Its command line, to which the Server's address is added.
        environment: Variables of its own.
        proxies: Whether it can use a proxy at all; without, scenarios with one say nothing of it.
    """

    name: str
    library: str | None
    command: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)
    proxies: bool = True


def clients_here(folder: Path) -> Iterator[Client]:
    """Yield the clients that this machine has without further ado."""
    libraries = (
        ("requests", "requests"),
        ("httpx", "httpx"),
        ("httpx", "httpx_async"),
        ("urllib", "urllib"),
        (None, "http_client"),
    )
    for library, name in libraries:
        yield Client(name, library, (sys.executable, str(HERE / "python_client.py"), name))
    if shutil.which("curl"):
        yield Client("curl", "curl", ("sh", str(HERE / "curl_client.sh")))
    if shutil.which("node"):
        yield Client("node_fetch", "node", ("node", str(HERE / "node_client.mjs"), "fetch"), proxies=False)
    if shutil.which("javac"):
        subprocess.run(["javac", "-d", str(folder), str(HERE / "JavaClient.java")], check=True)
        for name in ("java_http_client", "java_url_connection"):
            yield Client(name, None, ("java", "-XX:TieredStopAtLevel=1", "-cp", str(folder), "JavaClient", name))


def added_clients(path: Path) -> Iterator[Client]:
    """Yield the clients of a JSON file."""
    for given in json.loads(path.read_text(encoding="utf-8")):
        yield Client(**{**given, "command": tuple(given["command"])})


def capture_all(
    lab: Laboratory, scenarios: Iterable[Scenario], clients: Sequence[Client]
) -> Iterator[list[dict[str, Any]]]:
    """Run every client in every scenario; where nobody answers, once more without a time limit of its own.

    Yields what was captured so far, after each scenario.
    """
    # A kernel that gives up after three seconds instead of 130 says the same words.
    impatient = "echo 1 > /proc/sys/net/ipv4/tcp_syn_retries"
    subprocess.run(lab.topology.inside("client", ["sh", "-c", impatient]), check=True)
    captured: list[dict[str, Any]] = []
    for scenario in scenarios:
        captured += capture(lab, scenario, clients, patient=False)
        if "connect_tcp TimeoutError" in scenario.plain:
            captured += capture(lab, scenario, clients, patient=True)
        yield captured


def capture(lab: Laboratory, scenario: Scenario, clients: Sequence[Client], *, patient: bool) -> list[dict[str, Any]]:
    """Run every client in a scenario at once and return what they showed."""
    environment = {**lab.environment(scenario), **({"CAPTURE_PATIENT": "1"} if patient else {})}
    with ExitStack() as stack:
        for fault in scenario.faults:
            stack.enter_context(fault.applied(lab))
        started = [
            (client, _start(lab, scenario, client, environment))
            for client in clients
            if client.proxies or not any(name.endswith("_PROXY") for name in environment)
        ]
        shown = [(client, _finish(process)) for client, process in started]
    return [
        {
            "scenario": scenario.name,
            "code": scenario.code,
            "client": client.name + ("_patient" if patient else ""),
            "library": client.library,
            "style": style,
            "text": without_this_machine(text, lab),
        }
        for client, texts in shown
        for style, text in texts.items()
    ]


def _start(
    lab: Laboratory, scenario: Scenario, client: Client, environment: Mapping[str, str]
) -> subprocess.Popen[str]:
    own = dict(client.environment)
    if client.library is None and client.command[0] == "java":
        own["JAVA_TOOL_OPTIONS"] = " ".join(_java_options(lab, environment))
    if bundle := environment.get("ALTERYX_CA_BUNDLE"):
        own |= dict.fromkeys(("NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE"), bundle)  # Node's; those of Go and .NET
    usual = {"PATH": "/usr/bin:/bin:/usr/sbin:/sbin", "HOME": str(lab.folder), "LANG": "C.UTF-8"}
    return subprocess.Popen(
        lab.topology.inside("client", [*scenario.under, *client.command, scenario.url]),
        env={**usual, **environment, **own},
        cwd=lab.folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def _java_options(lab: Laboratory, environment: Mapping[str, str]) -> Iterator[str]:
    for variable, scheme in (("HTTPS_PROXY", "https"), ("HTTP_PROXY", "http")):
        if proxy := environment.get(variable):
            near = urlsplit(proxy)
            yield f"-D{scheme}.proxyHost={near.hostname}"
            with suppress(ValueError):  # the password's # makes a port of it
                yield f"-D{scheme}.proxyPort={near.port or 80}"
    if bundle := environment.get("ALTERYX_CA_BUNDLE"):
        store = lab.folder / "java.p12"
        if not store.exists():
            options = ["-noprompt", "-storetype", "PKCS12", "-storepass", "changeit", "-keystore", str(store)]
            root = str(lab.certificates.root)
            subprocess.run(["keytool", "-importcert", "-file", root, *options], check=True, capture_output=True)
        yield f"-Djavax.net.ssl.trustStore={store if Path(bundle).exists() else bundle}"
        yield "-Djavax.net.ssl.trustStorePassword=changeit"


def _finish(process: subprocess.Popen[str]) -> dict[str, str]:
    """Return what the client showed: JSON of its own and what its runtime warned of, or its error output."""
    try:
        out, error = process.communicate(timeout=LIMIT_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        return {}
    lines = [line for line in error.splitlines() if not line.startswith("Picked up JAVA_TOOL_OPTIONS")]
    text = "\n".join(lines)
    try:
        shown: dict[str, str] = json.loads(out)
    except ValueError:
        last = [line for line in lines if line.startswith(("Exception in", "Caused by:"))]
        return {"traceback": text, "message": "\n".join(last)} if last else {"traceback": text} if text.strip() else {}
    if lines and "traceback" in shown:
        shown["traceback"] = f"{text}\n{shown['traceback']}"
    return shown


def without_this_machine(text: str, lab: Laboratory) -> str:
    """Return a text in which paths and the host name of this machine are neutral."""
    places = {
        str(lab.folder): "/lab",
        str(Path(__file__).parents[2]): "/home/ana/toolkit",
        sys.prefix: "/usr/local",
        sys.base_prefix: "/usr/local",
        socket.gethostname(): "machine",
        "/root/": "/home/ana/",
    }
    for place in sorted(places, key=len, reverse=True):
        text = text.replace(place, places[place])
    return text


def main() -> None:
    """Capture, and write the JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-o", "--output", type=Path, required=True)
    parser.add_argument("--client", type=Path, action="append", default=[], help="JSON list of further clients")
    parser.add_argument("--only-added", action="store_true", help="leave out the clients that this machine has anyhow")
    parser.add_argument("--healthy", action="store_true", help="the scenarios in which nothing is wrong, and no others")
    parser.add_argument("--from", dest="first", type=int, default=0, help="number of the first scenario")
    parser.add_argument("--to", dest="last", type=int, default=None, help="number of the scenario after the last")
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="captures"))
    try:
        clients = [] if options.only_added else list(clients_here(folder))
        clients += [client for path in options.client for client in added_clients(path)]
        every = [*SCENARIOS, PLAIN_THROUGH_A_PROXY]
        chosen = [scenario for scenario in every if (scenario.code is None) == options.healthy]
        with Laboratory(folder) as lab:
            for captured in capture_all(lab, chosen[options.first : options.last], clients):
                sys.stderr.write(f"{captured[-1]['scenario']}: {len(captured)} texts\n" if captured else "nothing\n")
                options.output.write_text(json.dumps(captured, indent=0), encoding="utf-8")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
