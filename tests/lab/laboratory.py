"""The lab in operation: the topology, its standing services, and programs run in it with a clean environment."""

from __future__ import annotations

import base64
import json
import re
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any, Self

from ayx_simulator.peers.certificates import CertificateFactory
from lab import topology
from lab.faults import ResolverConfiguration, zone_file
from lab.scenario import Scenario
from lab.topology import Node, Topology
from lab.zone import CERTIFIED_HOSTS, PLACES, ZONE

#: The password of every proxy that wants one.
PROXY_PASSWORD = "lab-proxy-password-77"
#: How every token of the stand-in Server begins, as those of Katana's OAuth server do: the head of a DPAPI blob.
TOKEN_START = base64.urlsafe_b64encode(bytes.fromhex("01000000d08c9ddf0115d1118c7a00c04fc297eb01000000")).decode()

_READY_LIMIT_S = 10.0
#: In a variable's value: the file of the root that a variant of ``ayx_simulator.certificates`` leads to.
_ROOT = re.compile(r"\{root of (\w+)\}")
#: Opens connections from given local ports and holds them until it is ended.
_HOLD = """
import socket, sys, time
address, *ports = sys.argv[1:]
held = [socket.create_connection((address, 443), 5, source_address=("", int(port))) for port in ports]
print("held", flush=True)
time.sleep(120)
"""


class Laboratory:
    """Everything that scenarios share; a context manager.

    Attributes:
        topology: The namespaces.
        folder: Where certificates, zones and logs of this run are.
        certificates: The lab's authorities.
        opening_s: How long it took to set everything up.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.certificates = CertificateFactory(folder, CERTIFIED_HOSTS)
        self._files = count(1)
        self._open = ExitStack()
        self._certificate = cache(self.certificates.server)

    def __enter__(self) -> Self:
        started = time.monotonic()
        with ExitStack() as opening:
            self.topology = Topology()
            opening.callback(self.topology.remove)
            opening.enter_context(ResolverConfiguration((topology.NAMESERVER,)).applied(self))
            opening.enter_context(self.file_over_etc("hosts", "127.0.0.1 localhost\n::1 localhost\n"))
            # Some systems ask a local resolver service before the nameservers of resolv.conf.
            opening.enter_context(self.file_over_etc("nsswitch.conf", "hosts: files dns\n"))
            commands: tuple[tuple[Node, list[str]], ...] = (
                ("router1", self._nameserver_command(topology.NAMESERVER, {}, ())),
                ("router1", self._nameserver_command(topology.OTHER_NAMESERVER, {}, ())),
                ("router1", ["ayx_simulator.proxy", "working", "--bind", topology.PROXY, *self.proxy_names({})]),
                ("server", self._stand_in_command("ayx.lab.test", (topology.HEALTHY, topology.HEALTHY_6), "good", ())),
            )
            standing = [opening.enter_context(self._starting(node, command)) for node, command in commands]
            *_, stand_in = [server.wait_until_ready() for server in standing]
            self._users = stand_in["users"]
            self._open = opening.pop_all()
        self.opening_s = time.monotonic() - started
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def run(
        self,
        command: Sequence[str],
        environment: Mapping[str, str] | None = None,
        *,
        node: Node = "client",
        under: Sequence[str] = (),
        limit_s: float = 90.0,
    ) -> subprocess.CompletedProcess[str]:
        """Run ``python …`` in a namespace; nothing of our own environment, settings or folder reaches it.

        ``under`` is the command that starts it there, if it is not to be started as it is.

        Raises:
            subprocess.TimeoutExpired: It was still running after ``limit_s`` and has been killed.
        """
        home = self.folder / "home"
        home.mkdir(exist_ok=True)
        return subprocess.run(
            self.topology.inside(node, [*under, sys.executable, *command]),
            env={"PATH": "/usr/bin:/bin:/usr/sbin:/sbin", "HOME": str(home), "LANG": "C.UTF-8", **(environment or {})},
            cwd=home,
            capture_output=True,
            text=True,
            check=False,
            timeout=limit_s,
        )

    def environment(self, scenario: Scenario) -> dict[str, str]:
        """Return the variables of a user who has set everything up, but for what the scenario changes."""
        usual = {
            "ALTERYX_CLIENT_ID": self._users[scenario.user]["client_id"],
            "ALTERYX_CLIENT_SECRET": self._users[scenario.user]["client_secret"],
            "ALTERYX_CA_BUNDLE": str(self.certificates.root),
        }
        wanted = {**usual, **scenario.environment}
        return {name: _ROOT.sub(self._root_of, value) for name, value in wanted.items() if value}

    def _root_of(self, wanted: re.Match[str]) -> str:
        return str(self._certificate(wanted[1]).root)

    @property
    def secrets(self) -> list[str]:
        """What no output may repeat."""
        return [PROXY_PASSWORD, TOKEN_START, *(user["client_secret"] for user in self._users.values())]

    @contextmanager
    def serving(self, node: Node, command: Sequence[str]) -> Iterator[None]:
        """Keep a server module running on a node; its port is open inside the block."""
        with self._starting(node, command) as server:
            server.wait_until_ready()
            yield

    @contextmanager
    def stand_in(self, host: str, address: str, certificate: str | None, faults: Iterable[str]) -> Iterator[None]:
        """Keep a stand-in Server running: with a certificate on port 443, without one on port 80."""
        with self.serving("server", self._stand_in_command(host, (address,), certificate, faults)):
            yield

    @contextmanager
    def nameserver(self, address: str, zone: Mapping[str, Any], options: Sequence[str]) -> Iterator[None]:
        """Keep a nameserver running on router 1."""
        with self.serving("router1", self._nameserver_command(address, zone, options)):
            yield

    @contextmanager
    def connections(self, node: Node, address: str, local_ports: Iterable[int]) -> Iterator[None]:
        """Keep a connection open from each of the local ports to port 443 of an address."""
        command = self.topology.inside(node, [sys.executable, "-c", _HOLD, address, *map(str, local_ports)])
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
            try:
                if process.stdout is None or process.stdout.readline() != "held\n":
                    raise RuntimeError(f"{address} does not take connections")
                yield
            finally:
                process.terminate()

    @contextmanager
    def kernel_setting(self, node: Node, name: str, value: str) -> Iterator[None]:
        """Change ``/proc/sys/NAME`` in a node's namespace; afterwards it is as before."""

        def write(text: str) -> str:
            program = 'f=/proc/sys/$0; cat $f; printf "%s" "$1" > $f'
            command = self.topology.inside(node, ["sh", "-c", program, name, text])
            return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()

        before = write(value)
        try:
            yield
        finally:
            write(before)

    @contextmanager
    def file_over_etc(self, name: str, text: str) -> Iterator[None]:
        """Put a file over ``/etc/NAME`` for programs in the client's namespace; afterwards the one before is back."""
        path = self.topology.resolver_folder() / name
        before = path.read_text(encoding="utf-8") if path.exists() else None
        path.write_text(text, encoding="utf-8")
        try:
            yield
        finally:
            if before is None:
                path.unlink(missing_ok=True)
            else:
                path.write_text(before, encoding="utf-8")

    def certificate_options(self, variant: str | None) -> list[str]:
        """Return ``--cert`` and ``--key`` for a variant of ``ayx_simulator.certificates``."""
        if variant is None:
            return []
        made = self._certificate(variant)
        return ["--cert", str(made.chain), "--key", str(made.key)]

    def proxy_names(self, more: Mapping[str, str]) -> list[str]:
        """Return the ``--name`` options of a proxy that knows the lab's hosts."""
        return [part for host, place in {**PLACES, **more}.items() for part in ("--name", f"{host}={place}")]

    def _stand_in_command(
        self, host: str, addresses: Iterable[str], certificate: str | None, faults: Iterable[str]
    ) -> list[str]:
        command = ["ayx_simulator", "--host", host, "--port", "443" if certificate else "80"]
        command += self.certificate_options(certificate) or ["--plain-http"]
        command += [part for address in addresses for part in ("--bind", address)]
        return [*command, *(part for fault in faults for part in ("--fault", fault))]

    def _nameserver_command(self, address: str, zone: Mapping[str, Any], options: Sequence[str]) -> list[str]:
        path = self.folder / f"zone-{next(self._files)}.json"
        path.write_text(zone_file({**ZONE, **zone}), encoding="utf-8")
        return ["ayx_simulator.dns", "--bind", address, "--zone", str(path), *options]

    @contextmanager
    def _starting(self, node: Node, command: Sequence[str]) -> Iterator[_ServerProcess]:
        number = next(self._files)
        ready, log = self.folder / f"ready-{number}.json", self.folder / f"log-{number}.txt"
        with log.open("w", encoding="utf-8") as output:
            line = self.topology.inside(node, [sys.executable, "-m", *command, "--ready-file", str(ready)])
            process = subprocess.Popen(line, stdout=output, stderr=output, stdin=subprocess.DEVNULL)
        try:
            yield _ServerProcess(process, ready, log)
        finally:
            process.terminate()
            with suppress(subprocess.TimeoutExpired):
                process.wait(5)
            process.kill()
            process.wait(5)


class _ServerProcess:
    """A started server module, whose port may not be open yet."""

    def __init__(self, process: subprocess.Popen[bytes], ready: Path, log: Path) -> None:
        self._process, self._ready, self._log = process, ready, log

    def wait_until_ready(self) -> dict[str, Any]:
        """Wait for the ready file and return what it says.

        Raises:
            RuntimeError: It ended, or took too long; the text is what it printed.
        """
        deadline = time.monotonic() + _READY_LIMIT_S
        while not self._ready.exists():
            if self._process.poll() is not None or time.monotonic() > deadline:
                printed = self._log.read_text(encoding="utf-8").strip()[-2000:]
                raise RuntimeError(f"{self._process.args!r} did not open its port: {printed}")
            time.sleep(0.02)
        said: dict[str, Any] = json.loads(self._ready.read_text(encoding="utf-8"))
        return said
