"""The TLS handshake with every byte in our own hands: how far it got, who ended it, and with what words."""

from __future__ import annotations

import ssl
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

from ayx_diagnostics.model import Observation
from ayx_diagnostics.probes.certificates import describe_chain
from ayx_diagnostics.probes.library_warnings import no_warnings
from ayx_diagnostics.probes.tls_attempt import Attempt, Closed, NotTls, unverified_chain, verified_chain
from ayx_diagnostics.probes.tls_records import RecordReader, alert_of_reason, reason_of
from ayx_diagnostics.vocabulary import errno_name, socket_outcome

if TYPE_CHECKING:
    from ayx_diagnostics.network.base import Clock, Stream
    from ayx_diagnostics.network.streams import TlsStream

__all__ = ["Handshake", "handshake", "unverified_context", "versions"]

_VERSIONS = {
    "TLSv1": ssl.TLSVersion.TLSv1,
    "TLSv1.1": ssl.TLSVersion.TLSv1_1,
    "TLSv1.2": ssl.TLSVersion.TLSv1_2,
    "TLSv1.3": ssl.TLSVersion.TLSv1_3,
}


class Handshake(NamedTuple):
    """What came of a handshake.

    Attributes:
        observation: What was seen.
        stream: The encrypted stream, or None when the handshake failed.
        chain: The peer's certificates in DER form, leaf first, verified or not.
    """

    observation: Observation
    stream: TlsStream | None
    chain: list[bytes]


#: From Python 3.13 on, the contexts of other clients apply RFC 5280 strictly (``ssl.create_default_context``).
_DEFAULT_IS_STRICT = sys.version_info >= (3, 13)


def handshake(
    clock: Clock,
    stream: Stream,
    context: ssl.SSLContext,
    server_name: str | None,
    *,
    target: str,
    timeout_s: float,
    purpose: str = "client",
    via_proxy: bool = False,
    trust: str = "",
) -> Handshake:
    """Make a TLS handshake as a client.

    Args:
        clock: The diagnosis' clock.
        stream: A connected stream; it is closed when the handshake fails.
        context: Decides versions, ciphers, trust and client certificate; contexts of ``truststore`` work too.
        server_name: Name for SNI and verification; None sends no SNI (the context must not check host names then).
        target: ``address:port``, for the observation.
        timeout_s: Bound of the whole handshake, however slowly the peer's bytes drip.
        purpose: Why this handshake is made, see ``vocabulary``.
        via_proxy: Whether the stream leads through a proxy's tunnel.
        trust: Where the context's trust comes from, in words.

    Returns:
        The observation, the encrypted stream when the handshake succeeded, and the certificates that were shown.
    """
    started_s = clock.now()
    attempt: Attempt | None = None
    secured: TlsStream | None = None
    error: Exception | None = None
    try:
        attempt = Attempt(clock, stream, context, server_name, started_s + timeout_s)
        secured = attempt.run()
    except (OSError, ValueError, Closed, NotTls) as caught:  # ValueError: no host name at all (empty or long label)
        error = caught
    chain = unverified_chain(attempt.tls) if attempt else []
    evidence: dict[str, Any] = {
        "server_name": server_name,
        "via_proxy": via_proxy,
        "purpose": purpose,
        "trust": trust,
        "tcp_info": stream.tcp_info(),
        "chain": describe_chain(chain),
        **(_evidence(attempt, error, has_chain=bool(chain)) if attempt else {"reason": _reason(error)}),
    }
    if attempt and secured and _DEFAULT_IS_STRICT and not context.verify_flags & ssl.VERIFY_X509_STRICT:
        evidence["strict_path"] = describe_chain(verified_chain(attempt.tls))
    outcome = _outcome(attempt, error)
    if secured is None:
        stream.close()
    seen = Observation("tls", "handshake", target, started_s, clock.now() - started_s, outcome, evidence)
    return Handshake(seen, secured, chain)


def _outcome(attempt: Attempt | None, error: Exception | None) -> str:
    """Return the outcome token: what is known from the bytes outranks what OpenSSL makes of it."""
    if error is None:
        return "ok"
    for kind, outcome in _OUTCOMES.items():
        if isinstance(error, kind):
            return outcome
    if attempt and any(alert.fatal for alert in attempt.received.alerts):
        return "alert"
    if isinstance(error, ssl.SSLError):
        return "alert" if alert_of_reason(reason_of(error)) else "protocol_error"
    return socket_outcome(error) if isinstance(error, OSError) else "protocol_error"


_OUTCOMES: dict[type[Exception], str] = {
    NotTls: "not_tls",
    Closed: "closed",
    ssl.SSLCertVerificationError: "verify_failed",
}


def _reason(error: Exception | None) -> str | None:
    """Return OpenSSL's token for the reason, or a word for a name that TLS cannot carry."""
    if isinstance(error, ssl.SSLError):
        return reason_of(error)
    return "INVALID_SERVER_NAME" if isinstance(error, ValueError) else None


def _evidence(attempt: Attempt, error: Exception | None, *, has_chain: bool) -> dict[str, Any]:
    tls, sent, received = attempt.tls, attempt.sent, attempt.received
    cipher = tls.cipher() if error is None else None
    evidence: dict[str, Any] = {
        "version": tls.version() if error is None else None,
        "cipher": cipher[0] if cipher else None,
        "alpn": tls.selected_alpn_protocol() if error is None else None,
        "stage_reached": _stage_reached(attempt, has_chain=has_chain, done=error is None),
        "bytes_sent": sent.byte_count,
        "bytes_received": received.byte_count,
        "alerts": _alerts(attempt, error),
        "certificate_requested": _certificate_requested(received),
        "reason": _reason(error),
    }
    if isinstance(error, NotTls):
        evidence["first_bytes"] = repr(received.first_bytes)[2:-1]
    if isinstance(error, ssl.SSLCertVerificationError):
        evidence["verify_code"] = getattr(error, "verify_code", None)
        evidence["verify_message"] = getattr(error, "verify_message", None) or str(error)
    elif isinstance(error, OSError) and not isinstance(error, ssl.SSLError):
        evidence["errno_name"] = errno_name(error.errno)
    return evidence


def _stage_reached(attempt: Attempt, *, has_chain: bool, done: bool) -> str | None:
    messages = attempt.received.messages
    reached = (
        ("finished", done),
        ("certificate_request", "certificate_request" in messages),
        ("certificate", has_chain or "certificate" in messages),
        ("server_hello", "server_hello" in messages),
        ("client_hello_sent", attempt.sent.byte_count > 0),
    )
    return next((stage for stage, is_reached in reached if is_reached), None)


def _certificate_requested(received: RecordReader) -> bool | None:
    """Return whether the Server asked for our certificate; None where TLS 1.3 hides it or it ended before that."""
    if "certificate_request" in received.messages:
        return True
    return False if "server_hello_done" in received.messages else None


def _alerts(attempt: Attempt, error: Exception | None) -> list[dict[str, Any]]:
    received = list(attempt.received.alerts)
    decrypted = alert_of_reason(_reason(error))
    if decrypted and all(alert.number != decrypted.number for alert in received):
        received.append(decrypted)
    return [
        *(alert.as_evidence("received") for alert in received),
        *(alert.as_evidence("sent") for alert in attempt.sent.alerts),
    ]


def unverified_context() -> ssl.SSLContext:
    """Return a context that trusts everybody: to see what a peer presents, never to send it a secret."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def versions(
    clock: Clock,
    open_stream: Callable[[], Stream | None],
    server_name: str | None,
    *,
    target: str,
    timeout_s: float,
) -> Observation:
    """Ask for each version of TLS alone, with every cipher that this OpenSSL has.

    Args:
        clock: The diagnosis' clock.
        open_stream: Opens a fresh connection to the Server; returns None when that fails.
        server_name: Name for SNI.
        target: ``address:port``, for the observation.
        timeout_s: Bound of all handshakes together; each gets an equal share.

    Returns:
        The observation ``versions``. A refused version names the outcome and OpenSSL's or the alert's word for it.
    """
    started_s = clock.now()
    accepted: list[str] = []
    refused: dict[str, str] = {}
    for name, version in _VERSIONS.items():
        stream = open_stream()
        if stream is None:
            refused[name] = "no connection"
            continue
        context = _pinned_context(version)
        seen, secured, _ = handshake(
            clock, stream, context, server_name, target=target, timeout_s=timeout_s / len(_VERSIONS), purpose="legacy"
        )
        if secured is None:
            words = [seen.outcome, *(alert["name"] for alert in seen.evidence.get("alerts", ()))]
            refused[name] = " ".join(dict.fromkeys([*words, *filter(None, [seen.evidence.get("reason")])]))
        else:
            accepted.append(name)
            secured.close()
    evidence = {"accepted": accepted, "refused": refused}
    return Observation("tls", "versions", target, started_s, clock.now() - started_s, "ok", evidence)


def _pinned_context(version: ssl.TLSVersion) -> ssl.SSLContext:
    context = unverified_context()
    context.set_ciphers("ALL:@SECLEVEL=0")  # otherwise OpenSSL 3 does not offer TLS 1.0 and 1.1 at all
    with no_warnings():  # Python warns of old versions; asking for them is the point here
        context.minimum_version = version
        context.maximum_version = version
    return context
