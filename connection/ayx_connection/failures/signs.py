"""What an exception or an answer shows by itself, and what that proves: looking it up in the small, certain table."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Literal

from ayx_connection.failures.sign_table import (
    CERTIFICATES,
    CONNECT,
    ERRNOS,
    EXCEPTIONS,
    GAIERRORS,
    HANGS_UP,
    OPENSSL,
    STATUSES,
    TOKEN_ERRORS,
    TOKEN_STATUSES,
)

__all__ = ["SIGNS", "Kind", "Sign", "System", "sign_named", "sign_of_status", "signs_numbered", "this_system"]

Kind = Literal[
    "errno",  # errno and WinError of a socket call
    "gaierror",  # what getaddrinfo gives
    "certificate",  # why a certificate was refused: OpenSSL verify code, CERT_E_*, errSec*
    "openssl",  # OpenSSL's reason token
    "connect_status",  # HTTP status of a proxy's answer to CONNECT
    "token_status",  # HTTP status of the token endpoint
    "token_error",  # "error" of the token endpoint's JSON
    "status",  # HTTP status of any other answer
    "exception",  # class of an httpx or httpcore exception, and words of its message
]
System = Literal["linux", "macos", "windows"]


@dataclass(frozen=True, slots=True)
class Sign:
    """One thing that an exception or an answer can show.

    Attributes:
        kind: What sort of sign it is.
        name: Its name in its own world: ``ECONNREFUSED``, ``EAI_NONAME``, ``WRONG_VERSION_NUMBER``, ``407``.
        meaning: What it says, as the middle of a sentence.
        stage: How far things got, or None where only the moment tells at which it arose.
        code: Catalogue code that it proves by itself, or None.
        numbers: Its numbers by system; ``macos`` stands for the BSDs as well. Empty for tokens.
        words: What the message must contain (exceptions only); these are the library's own, in English everywhere.
    """

    kind: Kind
    name: str
    meaning: str
    stage: str | None
    code: str | None = None
    numbers: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    words: str = ""


def _by_system(
    linux: tuple[int, ...], macos: tuple[int, ...], windows: tuple[int, ...]
) -> Mapping[str, tuple[int, ...]]:
    return {"linux": linux, "macos": macos, "windows": windows}


#: The whole table.
SIGNS: tuple[Sign, ...] = (
    *(Sign("errno", name, words, stage, code, _by_system(*n)) for name, *n, stage, code, words in ERRNOS),
    *(Sign("gaierror", name, words, "dns", None, _by_system(*n)) for name, *n, words in GAIERRORS),
    *(Sign("certificate", name, words, "tls", code, {"": (number,)}) for name, number, code, words in CERTIFICATES),
    *(Sign("openssl", name, words, None if name == HANGS_UP else "tls", code) for name, code, words in OPENSSL),
    *(Sign("connect_status", status, words, "proxy", code) for status, code, words in CONNECT),
    *(Sign("token_status", status, words, "token", code) for status, code, words in TOKEN_STATUSES),
    *(Sign("token_error", name, words, "token", code) for name, code, words in TOKEN_ERRORS),
    *(Sign("status", status, words, stage, code) for status, stage, code, words in STATUSES),
    *(Sign("exception", name, text, stage, code, {}, words) for name, words, stage, code, text in EXCEPTIONS),
)


def this_system() -> System:
    """Return the system that this process runs on; the BSDs count as macOS, whose numbers they share."""
    return {"win32": "windows", "linux": "linux"}.get(sys.platform, "macos")  # type: ignore[return-value]


@cache
def _named() -> Mapping[tuple[str, str], Sign]:
    return {(sign.kind, sign.name): sign for sign in reversed(SIGNS)}


def sign_named(kind: Kind, name: str) -> Sign | None:
    """Return the sign of a token, a status or a symbolic name (``ECONNREFUSED``), or None."""
    return _named().get((kind, name))


def sign_of_status(kind: Kind, status: int) -> Sign | None:
    """Return the sign of an HTTP status: its own, or that of its class (RFC 9110 section 15)."""
    return sign_named(kind, str(status)) or sign_named(kind, f"{status // 100}xx")


def signs_numbered(kind: Kind, number: int, system: System | None = None) -> tuple[Sign, ...]:
    """Return the signs that have a number, on one system or (None) on any; more than one where systems disagree."""
    return tuple(
        sign
        for sign in SIGNS
        if sign.kind == kind
        and any(number in numbers for name, numbers in sign.numbers.items() if system in (None, name) or not name)
    )
