"""An index over the observations of one diagnosis: what rules ask, and nothing that they could change.

Rules also run over saved reports, so nothing here trusts a type: a value of an unexpected kind reads as absent. The
keys are those of the vocabulary, by the type that probes write, so that the type checker finds a misspelt one.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, TypedDict, Unpack
from urllib.parse import urlsplit

from ayx_diagnostics.model import Observation, Stage
from ayx_diagnostics.stand_ins import address_of

if TYPE_CHECKING:
    from ayx_diagnostics.vocabulary.keys import (
        FlagKey,
        MappingKey,
        MappingsKey,
        NumberKey,
        OperationName,
        TextKey,
        TextsKey,
        WholeKey,
        WholeMember,
    )

__all__ = [
    "Evidence",
    "flag",
    "ip_address",
    "mapping",
    "mappings",
    "number",
    "text",
    "texts",
    "whole",
    "whole_of",
]


def text(observation: Observation | None, key: TextKey) -> str:
    """Return a text of the evidence, or ``""``."""
    value = observation.evidence.get(key) if observation is not None else None
    return value if isinstance(value, str) else ""


def number(observation: Observation | None, key: NumberKey | WholeKey) -> float | None:
    """Return a number of the evidence, or None; a bool is no number."""
    value = observation.evidence.get(key) if observation is not None else None
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def whole(observation: Observation | None, key: WholeKey) -> int | None:
    """Return an integer of the evidence, or None."""
    value = number(observation, key)
    return value if isinstance(value, int) else None


def flag(observation: Observation | None, key: FlagKey) -> bool:
    """Return whether the evidence says true; absent counts as false."""
    return observation is not None and observation.evidence.get(key) is True


def whole_of(items: Mapping[str, Any], key: WholeMember) -> int | None:
    """Return an integer of an object within the evidence, or None."""
    value = items.get(key)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def texts(observation: Observation | None, key: TextsKey) -> tuple[str, ...]:
    """Return the texts of a list in the evidence."""
    value = observation.evidence.get(key) if observation is not None else None
    return tuple(item for item in value if isinstance(item, str)) if isinstance(value, list | tuple) else ()


def mapping(observation: Observation | None, key: MappingKey) -> Mapping[str, Any]:
    """Return an object of the evidence, or an empty one."""
    value = observation.evidence.get(key) if observation is not None else None
    return value if isinstance(value, Mapping) else {}


def mappings(observation: Observation | None, key: MappingsKey) -> tuple[Mapping[str, Any], ...]:
    """Return the objects of a list in the evidence."""
    value = observation.evidence.get(key) if observation is not None else None
    return tuple(item for item in value if isinstance(item, Mapping)) if isinstance(value, list | tuple) else ()


def ip_address(value: object) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """Return an IP address without its scope, or None for anything else; a stand-in is an address of its kind."""
    if not isinstance(value, str):
        return None
    try:
        return ipaddress.ip_address(value.partition("%")[0])
    except ValueError:
        return address_of(value)


class Wanted(TypedDict, total=False):
    """What observations may be chosen by, beside stage, operation and outcome; None also matches an absent key."""

    address: str | None
    candidate: bool | None
    purpose: str | None
    via_proxy: bool | None


class Evidence:
    """What was observed, by stage and operation, in the order in which it was recorded.

    Args:
        observations: Of one diagnosis.
    """

    def __init__(self, observations: Iterable[Observation]) -> None:
        self._observations = tuple(observations)

    def __iter__(self) -> Iterator[Observation]:
        return iter(self._observations)

    def all(
        self,
        stage: Stage | None = None,
        operation: OperationName | None = None,
        *,
        outcome: str | None = None,
        **equals: Unpack[Wanted],
    ) -> tuple[Observation, ...]:
        """Return the observations that match.

        Args:
            stage: Of this stage.
            operation: Of this operation.
            outcome: With this outcome.
            **equals: With these values in their evidence; None also matches an absent key.
        """
        return tuple(
            seen
            for seen in self._observations
            if (stage is None or seen.stage == stage)
            and (operation is None or seen.operation == operation)
            and (outcome is None or seen.outcome == outcome)
            and all(seen.evidence.get(key) == value for key, value in equals.items())
        )

    def first(
        self,
        stage: Stage | None = None,
        operation: OperationName | None = None,
        *,
        outcome: str | None = None,
        **equals: Unpack[Wanted],
    ) -> Observation | None:
        """Return the first observation that matches, as :meth:`all`, or None."""
        return next(iter(self.all(stage, operation, outcome=outcome, **equals)), None)

    def last(
        self,
        stage: Stage | None = None,
        operation: OperationName | None = None,
        *,
        outcome: str | None = None,
        **equals: Unpack[Wanted],
    ) -> Observation | None:
        """Return the last observation that matches, as :meth:`all`, or None."""
        return next(reversed(self.all(stage, operation, outcome=outcome, **equals)), None)

    # --- what nearly every rule needs to know of the case ------------------------------------------------------------

    @cached_property
    def settings(self) -> Observation | None:
        """The observation of the settings."""
        return self.last("config", "read_settings")

    @cached_property
    def route(self) -> Literal["direct", "proxy"]:
        """The way that the client's own settings send the request."""
        selected = self.last("proxy", "select")
        if selected is not None:
            return "proxy" if selected.outcome == "proxy" else "direct"
        return "proxy" if self.tunnels else "direct"

    @cached_property
    def tunnels(self) -> tuple[Observation, ...]:
        """Attempts at a tunnel through the client's own proxy."""
        return tuple(seen for seen in self.all("proxy", "tunnel") if not flag(seen, "candidate"))

    @cached_property
    def exchanges(self) -> tuple[Observation, ...]:
        """Every HTTP exchange, of the stages http, token and api."""
        return tuple(
            seen
            for seen in self._observations
            if (seen.stage, seen.operation) in (("http", "get"), ("token", "request"), ("api", "call"))
            and seen.outcome != "withheld"
            and seen.evidence.get("purpose") != "other_address"
        )

    @cached_property
    def host(self) -> str:
        """The Server's host name or address as far as it is known, else ``""``."""
        if found := text(self.settings, "host"):
            return found
        lookup = self.first("dns", "system_lookup")
        if lookup is not None:
            return lookup.target
        handshake = self.first("tls", "handshake")
        if found := text(handshake, "server_name"):
            return found
        for seen in self.exchanges:
            if (parts := _split(text(seen, "url") or seen.target)) and parts[0]:
                return parts[0]
        for seen in self.tunnels:
            if host := seen.target.rpartition(":")[0].strip("[]"):
                return host
        return text(self.first("tcp", "connect"), "address")

    @cached_property
    def port(self) -> int | None:
        """The Server's port as far as it is known."""
        for seen in self.all("tcp", "connect"):
            if (port := whole(seen, "port")) is not None:
                return port
        for seen in self.tunnels:
            tail = seen.target.rpartition(":")[2]
            if tail.isascii() and tail.isdigit():
                return int(tail)
        for seen in self.exchanges:
            if (parts := _split(text(seen, "url") or seen.target)) and parts[1]:
                return parts[1]
        return None

    @cached_property
    def scheme(self) -> str:
        """``http`` or ``https``; ``https`` unless something says otherwise."""
        if found := text(self.settings, "scheme"):
            return found
        urls = [text(seen, "url") for seen in self.exchanges]
        return "http" if any(url.startswith("http://") for url in urls) else "https"

    @cached_property
    def addresses(self) -> tuple[str, ...]:
        """The Server's addresses in the order in which the client would try them."""
        found = [address for seen in self.all("dns", "system_lookup") for address in texts(seen, "addresses")]
        found += [text(seen, "address") for seen in self.all("tcp", "connect")]
        return tuple(dict.fromkeys(address for address in found if address))

    @cached_property
    def connects(self) -> tuple[Observation, ...]:
        """Direct attempts to connect to the Server."""
        return self.all("tcp", "connect")

    @cached_property
    def first_hops(self) -> tuple[Observation, ...]:
        """Attempts to connect to whatever the client's own route leads to first: the Server, or the proxy."""
        return self.all("proxy", "connect") if self.route == "proxy" else self.connects

    @cached_property
    def handshakes(self) -> tuple[Observation, ...]:
        """Handshakes made as the client makes them, not the controls."""
        return tuple(
            seen for seen in self.all("tls", "handshake") if seen.evidence.get("purpose") in (None, "", "client")
        )

    @cached_property
    def address_queries(self) -> tuple[Observation, ...]:
        """The plain questions to nameservers for the Server's addresses, not the controls."""
        return tuple(seen for seen in self.all("dns", "query") if seen.evidence.get("purpose") in (None, "", "address"))

    def ok(self, stage: Stage, operation: OperationName) -> bool:
        """Whether an operation succeeded at least once."""
        return self.first(stage, operation, outcome="ok") is not None


def _split(url: str) -> tuple[str, int | None] | None:
    """Return host and port of a URL, or None when it is none."""
    try:
        parts = urlsplit(url)
        return (parts.hostname or "", parts.port or {"http": 80, "https": 443}.get(parts.scheme))
    except ValueError:
        return None
