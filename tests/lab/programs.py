"""Real programs of other people in the lab, where installed: squid as the proxy, nginx in front of the Server."""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from lab import topology
from lab.topology import Node

if TYPE_CHECKING:
    from lab.laboratory import Laboratory

_READY_LIMIT_S = 15.0
_SQUID = """\
http_port {address}:3128
pid_filename none
cache deny all
cache_log {folder}/squid-cache.log
access_log none
coredump_dir {folder}
shutdown_lifetime 0 seconds
pinger_enable off
dns_nameservers {nameserver}
visible_hostname faultyproxy.lab.test
connect_timeout 2 seconds
forward_timeout 2 seconds
dns_timeout 2 seconds
{rules}
"""
_NGINX = """\
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/nginx-error.log;
user root;
worker_processes 1;
events {{ worker_connections 64; }}
http {{
  access_log off;
  client_body_temp_path {folder}/nginx-body;
  proxy_temp_path {folder}/nginx-proxy;
  fastcgi_temp_path {folder}/nginx-fastcgi;
  uwsgi_temp_path {folder}/nginx-uwsgi;
  scgi_temp_path {folder}/nginx-scgi;
  ssl_certificate {certificate};
  ssl_certificate_key {key};
  proxy_set_header Host $host;
  proxy_ssl_server_name on;
  proxy_ssl_name ayx.lab.test;
  {configuration}
}}
"""
#: Where nginx of ``Nginx`` listens, and what stands behind it.
_LISTEN = f"listen {topology.FAULTY}:443 ssl"
_BEHIND = f"https://{topology.HEALTHY}"


@dataclass(frozen=True)
class Squid:
    """squid in the place of the faulty proxy.

    Attributes:
        rules: Lines of its configuration, for who may do what.
        nameserver: Whom it asks for names.
    """

    rules: str = "http_access allow all"
    nameserver: str = topology.NAMESERVER

    @contextmanager
    def applied(self, lab: Laboratory) -> Iterator[None]:
        folder = _folder(lab, "squid")
        for account in ("proxy", "squid", "nobody"):
            if _owned_by(folder, account):
                break
        path = folder / "squid.conf"
        text = _SQUID.format(address=topology.FAULTY_PROXY, folder=folder, nameserver=self.nameserver, rules=self.rules)
        path.write_text(text, encoding="utf-8")
        with _running(lab, "router1", ["squid", "-N", "-f", str(path)], topology.FAULTY_PROXY, 3128):
            yield


@dataclass(frozen=True)
class Nginx:
    """nginx in the place of the faulty Server, in front of the healthy one.

    Attributes:
        server: Directives of its server block.
        http: Directives beside that block.
        certificate: Of ``ayx_simulator.certificates``.
        listen: Words after the address and port.
    """

    server: str = f"location / {{ proxy_pass {_BEHIND}; }}"
    http: str = ""
    certificate: str = "good"
    listen: str = ""

    @contextmanager
    def applied(self, lab: Laboratory) -> Iterator[None]:
        folder = _folder(lab, "nginx")
        _, certificate, _, key = lab.certificate_options(self.certificate)
        path = folder / "nginx.conf"
        root = str(lab.certificates.root)
        block = f"server {{ {_LISTEN} {self.listen};\n{self.server.replace('ROOT', root)} }}\n"
        text = _NGINX.format(folder=folder, certificate=certificate, key=key, configuration=self.http + block)
        path.write_text(text, encoding="utf-8")
        with _running(lab, "server", ["nginx", "-c", str(path), "-p", str(folder)], topology.FAULTY, 443):
            yield


@dataclass(frozen=True)
class NetrcFile:
    """A netrc file in the home of whoever runs the diagnosis."""

    text: str

    @contextmanager
    def applied(self, lab: Laboratory) -> Iterator[None]:
        path = lab.folder / "home" / ".netrc"
        path.parent.mkdir(exist_ok=True)
        path.write_text(self.text, encoding="utf-8")
        path.chmod(0o600)
        try:
            yield
        finally:
            path.unlink()


def _folder(lab: Laboratory, program: str) -> Path:
    """Return a folder for the program's files, or skip the scenario where it is not installed."""
    if shutil.which(program) is None:
        pytest.skip(f"{program} is not installed")
    folder = lab.folder / program
    folder.mkdir(exist_ok=True)
    for parent in (folder, *folder.parents):
        if parent.is_relative_to("/tmp") and parent != Path("/tmp"):
            parent.chmod(parent.stat().st_mode | 0o055)  # squid gives its rights up and has to find its folder
    return folder


def _owned_by(folder: Path, account: str) -> bool:
    try:
        shutil.chown(folder, account)
    except LookupError:
        return False
    return True


@contextmanager
def _running(lab: Laboratory, node: Node, command: list[str], address: str, port: int) -> Iterator[None]:
    log = lab.folder / f"log-{command[0]}.txt"
    with log.open("w", encoding="utf-8") as output:
        inside = lab.topology.inside(node, command)
        process = subprocess.Popen(inside, stdout=output, stderr=output, stdin=subprocess.DEVNULL)
    script = f"import socket; socket.create_connection(({address!r}, {port}), 0.5).close()"
    deadline = time.monotonic() + _READY_LIMIT_S
    try:
        while lab.run(["-S", "-c", script], node=node).returncode:
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(log.read_text(encoding="utf-8", errors="replace"))
        yield
    finally:
        process.terminate()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(5)
