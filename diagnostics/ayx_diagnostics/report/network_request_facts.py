"""The facts of a request to the network team: from where, to where, when, and how to check."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from ayx_diagnostics.evidence import Evidence, ip_address, text, texts, whole
from ayx_diagnostics.model import Observation
from ayx_diagnostics.report.serialise import observations_of

__all__ = ["THIS_MACHINE", "Case"]

#: The source where the report does not hold an address.
THIS_MACHINE = "this machine"
_MOST_ATTEMPTS = 12
_DNS_PORT = 53


class Case:
    """What the network team needs to know of one report.

    Args:
        document: The report's JSON document.
        finding: The finding that the request is about.
    """

    def __init__(self, document: Mapping[str, Any], finding: Mapping[str, Any]) -> None:
        self._started = document["started_at"]
        self._evidence = Evidence(observations_of(document))
        self._stage = finding["stage"]
        target = document["target"]
        self.host, self.port = str(target["host"]), target["port"]
        self.url = str(target["web_api_address"])
        # a cause of the stage proxy on a direct way: the direct way is what is asked for
        self._through_proxy = target["route"] == "proxy" and self._stage != "dns"
        self._failed = self._failures()

    def _failures(self) -> tuple[Observation, ...]:
        """Return the failures that the cause shows in, the client's own rather than those of controls."""
        operations = {
            "dns": ("query", "system_lookup"),
            "proxy": ("tunnel", "connect") if self._through_proxy else (),
            "tcp": ("connect", "quiet"),
            "tls": ("handshake",),
        }.get(self._stage, ("get", "request", "call"))
        stage = self._stage
        if stage == "proxy" and not self._through_proxy:
            stage, operations = "tcp", ("connect",)
        own = tuple(
            seen
            for seen in self._evidence.all(stage)
            if seen.operation in operations and (not seen.ok or stage in ("http", "token", "api"))
        )
        # large packets that vanish, or a tunnel that is cut: the way opens, and what is sent over it fails
        return own or tuple(seen for seen in self._evidence.handshakes if not seen.ok)

    @property
    def destinations(self) -> list[str]:
        """Every address that the request is about; a name where a proxy resolves it."""
        if self._stage == "dns":
            asked = [text(seen, "nameserver") for seen in self._failed if seen.operation == "query"]
            configured = self._evidence.last("dns", "resolver_config")
            return _unique(asked) or _unique(texts(configured, "nameservers")) or ["this machine's nameservers"]
        if self._through_proxy:
            return [self.host]
        failed = [text(seen, "address") for seen in self._failed if seen.operation == "connect"]
        return _unique(failed) or _unique(self._evidence.addresses) or [self.host]

    @property
    def source(self) -> str:
        """This machine's addresses on the way there, one a family."""
        tried = [*self._evidence.first_hops, *self._evidence.all("local", "source_address")]
        found = _unique(text(seen, "local_address") for seen in tried)
        there = [*self.destinations, *(text(seen, "address") for seen in self._evidence.first_hops)]
        if self._stage == "dns" or not any(_is_loopback(address) for address in there):
            found = [address for address in found if not _is_loopback(address)]
        families = {":" in address for address in self.destinations} if not self._through_proxy else {False, True}
        return ", ".join([address for address in found if (":" in address) in families] or found) or THIS_MACHINE

    @property
    def protocol(self) -> str:
        """``tcp``, or both of DNS."""
        return "udp and tcp" if self._stage == "dns" else "tcp"

    @property
    def facts(self) -> Iterator[tuple[str, str]]:
        """Label and value, in the order of a firewall form."""
        yield "Source", self.source
        yield "Destination", ", ".join(self.destinations)
        yield "Port", str(_DNS_PORT if self._stage == "dns" else self.port)
        yield "Protocol", self.protocol
        yield "Name", self.host
        if self._through_proxy:
            yield "Through proxy", self._proxy
        yield "Time (UTC)", self._times()

    @property
    def _proxy(self) -> str:
        return text(self._evidence.last("proxy", "select"), "proxy") or "the proxy"

    def _times(self) -> str:
        if not self._failed:
            return self._moment(0.0, "%Y-%m-%d %H:%M:%S")
        first = min(seen.started_s for seen in self._failed)
        last = max(seen.started_s + seen.duration_s for seen in self._failed)
        times = (self._moment(first, "%Y-%m-%d %H:%M:%S"), self._moment(last, "%Y-%m-%d %H:%M:%S"))
        return " to ".join(dict.fromkeys(times))

    def _moment(self, offset_s: float, form: str) -> str:
        try:
            started = datetime.fromisoformat(self._started) + timedelta(seconds=offset_s)
        except (ValueError, OverflowError):
            return str(self._started)
        return started.astimezone(UTC).strftime(form)

    @property
    def attempts(self) -> Iterator[str]:
        """One line a failure: when, what, to where, what came of it."""
        for seen in self._failed[:_MOST_ATTEMPTS]:
            status = whole(seen, "status")
            outcome = f"status {status}" if status and seen.outcome in ("ok", "status") else seen.outcome
            when = self._moment(seen.started_s, "%H:%M:%S.%f")[:12]
            yield f"{when} {seen.stage} {seen.operation} {seen.target}: {outcome} after {seen.duration_s:.3f} s"

    @property
    def checks(self) -> Iterator[tuple[str, str]]:
        """What shows whether it is mended, without this tool too."""
        yield "repeat this diagnosis; exit code 0 when all is well", f"ayxctl diagnose {shlex.quote(self.url)}"
        url, first = shlex.quote(self.url), self.destinations[0]
        if self._stage == "dns":
            yield "ask the nameserver", f"nslookup {shlex.quote(self.host)} {shlex.quote(first)}"
        elif self._through_proxy:
            yield "through the proxy, without the tool", f"curl -v --proxy {shlex.quote(_bare(self._proxy))} {url}"
        elif any(seen.operation == "connect" for seen in self._failed):
            yield "without the tool", f"nc -vz {shlex.quote(first)} {self.port}"
            yield "on Windows", f"Test-NetConnection {shlex.quote(first)} -Port {self.port}"
        else:
            yield "without the tool", f"curl -v {url}"


def _is_loopback(address: str) -> bool:
    found = ip_address(address)
    return found is not None and found.is_loopback


def _bare(proxy: str) -> str:
    """Return a proxy's address without the user's name."""
    try:
        parts = urlsplit(proxy)
    except ValueError:
        return proxy
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()


def _unique(words: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(word for word in words if word))
