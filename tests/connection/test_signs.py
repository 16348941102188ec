"""The small, certain table: complete, at one with this system, and read right for the others from their numbers."""

from __future__ import annotations

import errno
import socket
import ssl
from typing import Any

import httpcore
import httpx
import pytest
from ayx_connection.failures.failure_reading import Progress, exception_chain, read_failure
from ayx_connection.failures.signs import SIGNS, Sign, sign_named, sign_of_status, signs_numbered, this_system
from ayx_diagnostics import catalogue

SYSTEMS = ("linux", "macos", "windows")
CODES = {entry.code for entry in catalogue.entries()}
NUMBERED = [
    pytest.param(sign, system, number, id=f"{sign.name}-{system}-{number}")
    for sign in SIGNS
    for system in SYSTEMS
    for number in sign.numbers.get(system, ())
]


def at(step: str, *, proxy: bool = False) -> Progress:
    progress = Progress("http", through_proxy=proxy)
    progress.saw(f"{step}.started", {})
    return progress


def wrapped(cause: BaseException, theirs: type[httpx.TransportError] = httpx.ConnectError) -> httpx.TransportError:
    """Wrap as httpcore and httpx do."""
    inner = httpcore.ConnectError(cause)
    inner.__context__ = cause
    inner.__suppress_context__ = True
    outer = theirs(str(inner))
    outer.__cause__ = inner
    return outer


@pytest.mark.parametrize("sign", SIGNS, ids=lambda sign: f"{sign.kind}-{sign.name}")
def test_a_row_is_complete(sign: Sign) -> None:
    assert sign.code is None or sign.code in CODES
    assert sign.stage in {None, "config", "local", "proxy", "dns", "tcp", "tls", "http", "token", "api"}
    assert sign.code is None or sign.stage is not None
    assert sign.meaning
    assert not sign.meaning.endswith(".")


def test_no_row_stands_twice() -> None:
    rows = [(sign.kind, sign.name, sign.words) for sign in SIGNS]
    assert len(rows) == len(set(rows))
    for kind in ("errno", "gaierror", "certificate"):
        for system in SYSTEMS:
            numbers = [n for sign in SIGNS if sign.kind == kind for n in sign.numbers.get(system, ())]
            assert len(numbers) == len(set(numbers))


def test_the_table_agrees_with_this_system() -> None:
    system = this_system()
    for sign in SIGNS:
        if sign.kind == "errno" and (number := getattr(errno, sign.name, None)) is not None:
            assert number in sign.numbers[system], sign.name
        if sign.kind == "gaierror" and (number := getattr(socket, sign.name, None)) is not None:
            assert number in sign.numbers[system], sign.name


class WindowsError(OSError):
    """As Python raises it on Windows, where ``winerror`` stands beside ``errno``."""

    winerror: int


@pytest.mark.parametrize(("sign", "system", "number"), NUMBERED)
def test_a_number_is_read_on_its_system(sign: Sign, system: Any, number: int) -> None:
    cause: OSError
    if sign.kind == "gaierror":
        cause = socket.gaierror(number, "in any language")
    elif system == "windows":
        cause = WindowsError(22, "in any language")
        cause.winerror = number
    else:
        cause = OSError(number, "in any language")
    verdict = read_failure(wrapped(cause), at("connection.connect_tcp"), system)
    assert (verdict.stage, verdict.code) == (sign.stage or "tcp", sign.code)
    assert verdict.meaning == sign.meaning
    assert verdict.said == str(cause)


@pytest.mark.parametrize("sign", [sign for sign in SIGNS if sign.kind in ("certificate", "openssl")], ids=str)
def test_a_refusal_of_tls_is_read_everywhere(sign: Sign) -> None:
    cause = ssl.SSLCertVerificationError(1, "in any language")
    if sign.kind == "certificate":
        cause.verify_code = next(iter(sign.numbers.values()))[0]
        cause.reason = "CERTIFICATE_VERIFY_FAILED"
    else:
        cause.reason = sign.name
    verdict = read_failure(wrapped(cause), at("connection.start_tls"))
    assert (verdict.stage, verdict.code, verdict.meaning) == ("tls", sign.code, sign.meaning)
    of_the_proxy = read_failure(wrapped(cause), at("connection.start_tls", proxy=True))
    assert (of_the_proxy.stage, of_the_proxy.code) == ("proxy", None)
    in_the_tunnel = read_failure(wrapped(cause), at("proxy.start_tls", proxy=True))
    assert (in_the_tunnel.stage, in_the_tunnel.code) == ("tls", sign.code)


@pytest.mark.parametrize("sign", [sign for sign in SIGNS if sign.kind == "exception"], ids=str)
def test_a_class_and_its_words_are_read(sign: Sign) -> None:
    error = getattr(httpx, sign.name)(f"before {sign.words} after")
    verdict = read_failure(error, at("http11.receive_response_headers"))
    assert (verdict.stage, verdict.code, verdict.meaning) == (sign.stage or "http", sign.code, sign.meaning)


@pytest.mark.parametrize("sign", [sign for sign in SIGNS if sign.kind == "connect_status"], ids=str)
def test_the_status_of_a_tunnel_is_read(sign: Sign) -> None:
    status = sign.name.replace("xx", "18")
    progress = Progress("http", through_proxy=True)
    progress.saw("http11.send_request_headers.started", {"request": httpcore.Request("CONNECT", "http://p")})
    verdict = read_failure(httpx.ProxyError(f"{status} Reason"), progress)
    assert (verdict.stage, verdict.code) == ("proxy", sign.code)


def test_what_nobody_knows_keeps_its_stage() -> None:
    for error in (
        httpx.ReadError(""),
        wrapped(OSError(4711, "?")),
        wrapped(ssl.SSLError(1, "?")),
        httpx.ProxyError("?"),
    ):
        assert read_failure(error, at("connection.start_tls")).code is None
    assert read_failure(httpx.ReadError(""), at("connection.start_tls")).stage == "tls"
    assert read_failure(wrapped(socket.gaierror(4711, "?")), at("connection.connect_tcp")).stage == "dns"


def test_a_number_of_an_established_connection_says_nothing_of_connecting() -> None:
    verdict = read_failure(wrapped(OSError(113, "?"), httpx.ReadError), at("http11.receive_response_headers"), "linux")
    assert verdict.stage == "http"


def test_addresses_that_fail_differently_prove_nothing_together() -> None:
    refused, reached = OSError(111, "refused"), OSError(24, "too many")
    group = OSError("All connection attempts failed")
    group.__cause__ = ExceptionGroup("multiple", [refused, reached])
    assert read_failure(wrapped(group), at("connection.connect_tcp"), "linux").code is None
    group.__cause__ = ExceptionGroup("multiple", [reached, OSError(24, "too many")])
    assert read_failure(wrapped(group), at("connection.connect_tcp"), "linux").code == "local.fd_limit"


def test_a_chain_that_bites_its_tail_ends() -> None:
    one, other = OSError(1), OSError(2)
    one.__context__, other.__context__ = other, one
    assert list(exception_chain(one)) == [one, other]


def test_names_and_statuses_are_found() -> None:
    refused = sign_named("errno", "ECONNREFUSED")
    assert refused is not None
    assert signs_numbered("errno", 61) == signs_numbered("errno", 61, "macos") == (refused,)
    assert signs_numbered("errno", 61, "linux") == ()
    assert sign_named("errno", "ENOSUCH") is None
    assert sign_of_status("status", 418) == sign_named("status", "4xx")
    assert sign_of_status("status", 999) is None
    assert [sign.name for sign in signs_numbered("certificate", 0x800B0109)] == ["CERT_E_UNTRUSTEDROOT"]
