"""Reading a failure: how far the request got, and what the exception proves by itself.

How far it got is not guessed from the class of the exception (a proxy that never answers CONNECT looks like a slow
Server there): httpcore reports each step as it begins it, and the last one begun is where things broke.
"""

from __future__ import annotations

import re
import socket
import ssl
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ayx_connection.failures.signs import SIGNS, Sign, System, sign_named, sign_of_status, signs_numbered, this_system

__all__ = ["FailureReading", "Progress", "exception_chain", "read_failure"]

_STEPS: Mapping[str, str] = {
    "connection.connect_tcp": "tcp",
    "connection.start_tls": "tls",
    "proxy.start_tls": "tls",  # inside the tunnel
    "socks.connect_tcp": "tcp",
    "socks.setup_socks5_connection": "proxy",
    "socks.start_tls": "tls",
}
#: What is the proxy's when there is one: the connection itself, and TLS outside the tunnel.
_OUTSIDE_TUNNEL = frozenset({"connection.connect_tcp", "socks.connect_tcp", "connection.start_tls"})


#: How a non-blocking handshake or read asks for more; where a wait for it ends, that is the context of the end.
_NO_FAILURES = (ssl.SSLWantReadError, ssl.SSLWantWriteError)


class Progress:
    """How far a request got; ``saw`` is told every step (httpcore's ``trace`` extension).

    Attributes:
        stage: ``local`` before anything, ``tcp``, ``tls``, ``proxy``, then the stage of the waiting.
        at_proxy: Whether the step is one with the proxy rather than with the Server.
        is_connecting: Whether the step is the TCP connection.
        handled_before: What the caller was handling when the request began; no cause of what came of it.
    """

    def __init__(self, waiting: str, *, through_proxy: bool) -> None:
        self.stage = "local"
        self.at_proxy = False
        self.is_connecting = False
        self.handled_before = sys.exception()
        self._waiting = waiting
        self._through_proxy = through_proxy

    def saw(self, event: str, info: Mapping[str, Any]) -> None:
        """Note one event: its name, and what httpcore says of it."""
        step, _, moment = event.rpartition(".")
        if moment != "started":
            return
        self.is_connecting = step.endswith(".connect_tcp")
        if step in _STEPS:
            self.at_proxy = self._through_proxy and (step in _OUTSIDE_TUNNEL or _STEPS[step] == "proxy")
            self.stage = "proxy" if self.at_proxy else _STEPS[step]
        elif step.startswith(("http11.", "http2.")) and "response_closed" not in step:
            self.at_proxy = getattr(info.get("request"), "method", b"") == b"CONNECT"
            self.stage = "proxy" if self.at_proxy else self._waiting


@dataclass(frozen=True, slots=True)
class FailureReading:
    """What a failure shows.

    Attributes:
        stage: How far the request got.
        code: Catalogue code that the exception proves by itself, or None.
        meaning: What happened, in words; empty where nothing is known.
        said: The innermost words of the system or library, as they came.
    """

    stage: str
    code: str | None
    meaning: str
    said: str


def read_failure(error: BaseException, progress: Progress, system: System | None = None) -> FailureReading:
    """Say how far a request got and what its failure proves.

    Args:
        error: What was raised, with its chain of causes.
        progress: How far the request got.
        system: Whose numbers the errors carry; by default this one's.
    """
    chain = list(exception_chain(error, progress.handled_before))
    sign = next((sign for cause in reversed(chain) if (sign := _sign_of(cause, system or this_system()))), None)
    said = next((words for cause in reversed(chain) if (words := _said_by(cause))), type(error).__name__)
    if sign is None:
        return FailureReading(progress.stage, None, "", said)
    code = _code_at_proxy(sign, progress) if progress.at_proxy else sign.code
    if code is not None:
        return FailureReading(code.partition(".")[0], code, sign.meaning, said)
    is_of_its_own = sign.stage in ("local", "config") or (sign.stage in ("dns", "tls") and not progress.at_proxy)
    return FailureReading(sign.stage if sign.stage and is_of_its_own else progress.stage, None, sign.meaning, said)


def _code_at_proxy(sign: Sign, progress: Progress) -> str | None:
    """Return what a sign proves of the proxy; what it would prove of the Server is not meant there."""
    if sign.stage in ("local", "config", "proxy"):
        return sign.code
    if sign.kind == "gaierror":
        return "proxy.name_not_resolved"
    return "proxy.refused_or_unreachable" if progress.is_connecting else None


def exception_chain(error: BaseException, handled_before: BaseException | None = None) -> Iterator[BaseException]:
    """Yield an exception and what it came from, outermost first; of a group that is of one mind, its first.

    The context counts as well where it was suppressed: httpcore raises some of its exceptions ``from None``, though
    they have a cause.

    Args:
        error: The exception.
        handled_before: What was being handled before any of this; the chain ends there.
    """
    seen = {id(handled_before)}
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        # nor does a cancelled task say anything, which is no Exception: it is how asyncio ends a wait
        if isinstance(current, Exception) and not isinstance(current, _NO_FAILURES):
            yield current
        if isinstance(current, BaseExceptionGroup):
            current = _agreed(current)
        else:
            current = current.__cause__ or current.__context__


def _agreed(group: BaseExceptionGroup[BaseException]) -> BaseException | None:
    """Return the first of several failures if all show the same (each address of a name fails for itself)."""
    kinds = {(type(one), getattr(one, "errno", None), getattr(one, "winerror", None)) for one in group.exceptions}
    return group.exceptions[0] if len(kinds) == 1 else None


def _sign_of(cause: BaseException, system: System) -> Sign | None:
    return next((sign for read in _READERS if (sign := read(cause, system))), None)


def _resolver_sign(cause: BaseException, system: System) -> Sign | None:
    if not isinstance(cause, socket.gaierror) or cause.errno is None:
        return None
    known = signs_numbered("gaierror", cause.errno, system)
    return known[0] if known else Sign("gaierror", str(cause.errno), "its name could not be looked up", "dns")


def _tls_sign(cause: BaseException, _system: System) -> Sign | None:
    if not isinstance(cause, ssl.SSLError):
        return None
    number = getattr(cause, "verify_code", None)
    if known := signs_numbered("certificate", number) if isinstance(number, int) else ():
        return known[0]
    reason = getattr(cause, "reason", None) or ""
    return sign_named("openssl", reason) or Sign("openssl", reason, "TLS failed", "tls")


def _errno_sign(cause: BaseException, system: System) -> Sign | None:
    if not isinstance(cause, OSError) or isinstance(cause, ssl.SSLError | socket.gaierror):
        return None
    number = getattr(cause, "winerror", None) or cause.errno
    return next(iter(signs_numbered("errno", number, system)), None) if number is not None else None


def _class_sign(cause: BaseException, _system: System) -> Sign | None:
    """Return the sign of an httpx or httpcore exception; both call them the same."""
    if type(cause).__module__.partition(".")[0] not in ("httpx", "httpcore", "ayx_connection"):
        return None
    name, message = type(cause).__name__, str(cause)
    if name == "ProxyError":
        status = re.match(r"(\d{3}) ", message)
        return sign_of_status("connect_status", int(status[1])) if status else None
    signs = (sign for sign in SIGNS if sign.kind == "exception" and sign.name == name)
    return next((sign for sign in signs if sign.words in message), None)


_READERS: tuple[Callable[[BaseException, System], Sign | None], ...] = (
    _resolver_sign,
    _tls_sign,
    _errno_sign,
    _class_sign,
)


def _said_by(cause: BaseException) -> str:
    """Return what an exception says; a group and anyio's summary of one say nothing."""
    if isinstance(cause, BaseExceptionGroup):
        return ""
    return str(cause)
