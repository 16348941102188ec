"""What can be behind a symptom in its circumstances."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from typing import NamedTuple

from ayx_diagnostics.explanation.tables import Cause, causes, shares

__all__ = ["REFINEMENTS", "Refinement", "ranked", "refined"]


class Refinement(NamedTuple):
    """A circumstance that makes another symptom of one.

    Attributes:
        symptoms: Which, separated by commas.
        when: The circumstances, all of them, separated by commas.
        becomes: The symptom instead.
        unless: Circumstances any of which rules it out, separated by commas.
    """

    symptoms: str
    when: str
    becomes: str
    unless: str = ""


#: Applied in this order, each to what the ones before made of it.
REFINEMENTS: tuple[Refinement, ...] = (
    Refinement("timeout,read timeout,connect timeout", "in tunnel", "tunnel silent"),
    Refinement("tls ended,tls reset,reset,no answer", "tls to proxy", "proxy tls cut"),
    Refinement("not tls,plain answer", "tls to proxy", "proxy scheme"),
    Refinement("reset,tls reset,no answer", "tls,proxy", "tunnel cut"),
    Refinement("reset,tls reset,no answer,answer reset", "in tunnel", "tunnel closed"),
    Refinement("tls ended", "past handshake", "closed while sending"),
    Refinement("not http", "in tunnel", "tunnel not http"),
    Refinement("timeout,connect timeout,read timeout", "tls", "handshake timeout", unless="connecting,request sent"),
    Refinement("timeout", "body", "body stall"),
    Refinement("timeout", "answering", "read timeout"),
    Refinement("timeout", "connecting", "connect timeout"),
    Refinement("connect timeout", "receiving", "died in flight", unless="connecting"),
    Refinement("read timeout", "body", "body stall"),
    Refinement("no answer,reset", "body", "body cut"),
    Refinement("timeout,connect timeout", "request sent", "read timeout"),
    Refinement("reset,tls reset", "request sent", "answer reset"),
    Refinement("reset", "tls", "tls reset"),
    Refinement("reset", "answering", "answer reset"),
    Refinement("handshake timeout", "proxy", "proxied handshake timeout"),
    Refinement("tls reset,tls ended,tls cut unsaid", "proxy", "tunnel cut"),
    Refinement("not tls,plain answer", "proxy", "tunnel not tls"),
    Refinement("not http", "proxy", "tunnel not http"),
    Refinement(
        "refused,connect timeout,connect failed,connect failed slowly,host unreachable,net unreachable,permission,"
        "not permitted,invalid argument",
        "proxy",
        "proxy dead",
    ),
    Refinement(
        "name unknown,name unresolved,name without address,name try again,name lookup failed",
        "proxy",
        "proxy name unknown",
    ),
    Refinement("no answer", "proxy", "proxy closes"),
    Refinement("reset", "proxy", "proxy closes"),
    Refinement("read timeout,timeout", "proxy", "proxied read timeout"),
    Refinement("ca bundle frames", "loading trust", "ca bundle"),
    Refinement("verify issuer,verify chain,verify untrusted,verify leaf", "ca not read", "ca bundle"),
    Refinement(
        "verify issuer,verify chain,verify untrusted,verify leaf,verify self-signed", "inspection", "verify inspected"
    ),
    Refinement("verify hostname", "numeric host", "verify ip"),
    Refinement("verify hostname", "numeric url", "verify ip"),
    Refinement("net unreachable", "ipv6", "ipv6 unreachable"),
)


def refined(symptom: str, circumstances: Container[str]) -> str:
    """Return the symptom that the circumstances make of one."""
    for refinement in REFINEMENTS:
        if symptom in refinement.symptoms.split(",") and _hold(
            refinement.when.split(","), refinement.unless.split(","), circumstances
        ):
            symptom = refinement.becomes
    return symptom


def ranked(symptom: str, circumstances: Container[str]) -> tuple[Cause, ...]:
    """Return the causes of a symptom, most likely first, one row a code."""
    found: dict[str, Cause] = {}
    for cause in (*_causes_of(symptom), *_shared(symptom, circumstances)):
        heavier = cause.code not in found or found[cause.code].weight < cause.weight
        if heavier and _hold(cause.when, cause.unless, circumstances):
            found[cause.code] = cause
    return tuple(sorted(found.values(), key=lambda cause: -cause.weight))


def _hold(when: Iterable[str], unless: Iterable[str], circumstances: Container[str]) -> bool:
    return all(name in circumstances for name in when) and not any(name in circumstances for name in unless)


def _shared(symptom: str, circumstances: Container[str]) -> Iterator[Cause]:
    """Yield the causes that a symptom has because its words can stand for others, with less weight."""
    for share in shares().get(symptom, ()):
        if _hold((), share.unless, circumstances):
            for cause in _causes_of(share.of):
                yield cause._replace(weight=max(1, cause.weight * share.per_cent // 100))


def _causes_of(symptom: str) -> tuple[Cause, ...]:
    """Return the rows of a symptom; a status without rows of its own has those of its class (``status 5xx``)."""
    if symptom.startswith(_NAMED):
        return (Cause(symptom, symptom.removeprefix(_NAMED), _PROVEN, frozenset(), frozenset(), _SAYS_SO),)
    return causes().get(symptom) or causes().get(f"{symptom[:-2]}xx") or ()


#: An error of the toolkit's own names the code that its exception proved.
_NAMED, _PROVEN, _SAYS_SO = "code ", 97, "the toolkit's own error names the code"
