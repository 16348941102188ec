"""Conclusions about the handshake: what answered the ClientHello, or why nothing did; alerts have their own module."""

from __future__ import annotations

from collections.abc import Mapping

from ayx_diagnostics.evidence import Evidence, flag, mapping, text, whole
from ayx_diagnostics.model import Finding, Observation
from ayx_diagnostics.rules.conclusion import conclude, network, seconds, server, you
from ayx_diagnostics.rules.rule import rule
from ayx_diagnostics.rules.tls.handshake_evidence import (
    WITHOUT_NAME,
    about_handshake,
    failed_handshake,
    small_segments,
    unacknowledged,
)

#: What a port for TLS answers to plain HTTP (nginx, HTTP.sys).
_BAD_REQUEST = 400


@rule("tls.plaintext_http", "tls.other_protocol")
def not_tls(evidence: Evidence) -> Finding | None:
    """The port speaks something else: from the first bytes of a peer that did not answer in TLS."""
    plain = evidence.first("http", "get", outcome="ok", purpose="plain_http")
    if plain is not None and whole(plain, "status") != _BAD_REQUEST:
        quiet = failed_handshake(evidence, "timeout", "closed", "reset")  # it waited for a line, or gave up on one
        if quiet is not None and not whole(quiet, "bytes_received"):
            return _plain_http(evidence, quiet, plain, "")
    seen = failed_handshake(evidence, "not_tls", "protocol_error")
    first = text(seen, "first_bytes").removeprefix("b'").removeprefix('b"')
    if seen is None or not first:
        return None
    # Python's own server answers a ClientHello with a page and no status line, as HTTP/0.9 did
    if first.startswith("HTTP/") or plain is not None:
        return _plain_http(evidence, seen, plain, first)
    return conclude(
        "tls.other_protocol",
        about_handshake(evidence, seen),
        because=[f"{seen.target} answers the ClientHello with {first!r}, which is neither TLS nor HTTP."],
    )


def _plain_http(evidence: Evidence, seen: Observation, plain: Observation | None, first: str) -> Finding:
    return conclude(
        "tls.plaintext_http",
        about_handshake(evidence, seen),
        because=[
            f"{seen.target} answers the ClientHello in plain text: {first!r}." if first else None,
            f"{seen.target} does not answer a ClientHello ({seen.outcome})." if not first else None,
            f"A request in plain HTTP is answered with {whole(plain, 'status')}." if plain else None,
        ],
        fix=[
            you(
                "use the port where the Server speaks TLS; or, if it has none, http:// in the address (port "
                f"{seen.target.rpartition(':')[2]})"
            ),
            server("switch TLS on in Alteryx System Settings (Server UI > Configuration) and bind a certificate"),
        ],
        ruled_out=["Not the certificate: no certificate was shown."],
    )


def _other_name(evidence: Evidence) -> bool | None:
    """Return whether the peer answers a ClientHello without the Server's name; None if that was not tried."""
    tried = [seen for seen in evidence.all("tls", "handshake") if text(seen, "purpose") in WITHOUT_NAME]
    return any(seen.ok or whole(seen, "bytes_received") for seen in tried) if tried else None


_ENDINGS: Mapping[str, tuple[str, str]] = {
    "reset": ("tls.rst_on_clienthello", "resets the connection (RST)"),
    "closed": ("tls.fin_on_clienthello", "closes the connection (FIN)"),
}


@rule("tls.rst_on_clienthello", "tls.fin_on_clienthello")
def ended_on_hello(evidence: Evidence) -> Finding | None:
    """The connection is ended on the ClientHello: from FIN or RST after it, on a port that lets a quiet one stay."""
    seen = failed_handshake(evidence, *_ENDINGS)
    quiet = evidence.first("tcp", "quiet")
    if seen is None or flag(seen, "via_proxy") or (quiet is not None and quiet.outcome in _ENDINGS):
        return None
    code, how = _ENDINGS[seen.outcome]
    received = whole(seen, "bytes_received") or 0
    other, name = _other_name(evidence), text(seen, "server_name") or evidence.host
    return conclude(
        code,
        about_handshake(evidence, seen),
        because=[
            (
                f"{seen.target} {how} after {whole(seen, 'bytes_sent') or 'the'} bytes of ClientHello for {name}; "
                f"{received} bytes came back."
            ),
            f"A connection on which nothing is said stays open for {seconds(quiet.duration_s)}." if quiet else None,
            f"A ClientHello without the name {name} is answered: something filters by that name." if other else None,
            f"A ClientHello without the name {name} ends the same way." if other is False else None,
        ],
        fix=[
            network(
                f"exempt {name} from the filter of TLS names (intrusion prevention, web filter) on the way to "
                f"{seen.target}"
            )
            if other is not False
            else None,
            server(f"check that {seen.target} has a TLS binding with a certificate for {name}") if not other else None,
        ],
        ruled_out=[
            "Not a load balancer that drops every connection: one without TLS stays open." if quiet else None,
            "Not a filter by name: the name makes no difference." if other is False else None,
        ],
        confidence="certain" if quiet and not received else "likely" if not received else "possible",
    )


@rule("tls.silent_on_clienthello")
def silent_on_hello(evidence: Evidence) -> Finding | None:
    """The ClientHello is never answered: from silence after it, with TCP's word whether it arrived."""
    seen = failed_handshake(evidence, "timeout")
    if seen is None or small_segments(evidence, seen):
        return None
    received = whole(seen, "bytes_received") or 0
    unacked, other = unacknowledged(seen), _other_name(evidence)
    name = text(seen, "server_name") or evidence.host
    repeats = mapping(seen, "tcp_info").get("total_retrans")
    small = evidence.first("tls", "handshake", purpose="small_segments")
    again = evidence.first("tls", "handshake", purpose="again", outcome="ok")
    return conclude(
        "tls.silent_on_clienthello",
        about_handshake(evidence, seen),
        because=[
            f"{seen.target} gave no byte in answer to the ClientHello for {name} within {seconds(seen.duration_s)}."
            if not received
            else f"{seen.target} answered the ClientHello for {name} with {received} bytes within "
            f"{seconds(seen.duration_s)} and did not finish the handshake (reached: {text(seen, 'stage_reached')}).",
            f"TCP never got an acknowledgement for it ({repeats} retransmissions): the ClientHello is dropped on the "
            "way."
            if unacked
            else None,
            "TCP acknowledged it: the Server's side has the ClientHello and does not answer."
            if unacked is False and not received
            else None,
            f"A moment later the same handshake was done within {seconds(again.duration_s)}: what failed was slow."
            if again
            else f"A ClientHello without the name {name} is answered: something filters by that name."
            if other
            else None,
        ],
        fix=[
            you("give connections more time (--connect-timeout), and see whether it fails again") if again else None,
            network(f"exempt {name} from the filter of TLS names on the way to {seen.target}")
            if not again and (unacked or other)
            else None,
            server(f"check the service behind {seen.target}: it accepts connections and does not start TLS")
            if not unacked and not other
            else None,
        ],
        ruled_out=[
            "Not a path that drops large packets: small segments change nothing." if small is not None else None,
            "Not a filter by name: the name makes no difference." if other is False else None,
        ],
        confidence="possible" if again else "likely" if received or not (other or unacked is not None) else "certain",
    )


@rule("tls.other_protocol")
def broken_handshake(evidence: Evidence) -> Finding | None:
    """The handshake fails in a way that no other rule knows: from OpenSSL's reason."""
    seen = failed_handshake(evidence, "protocol_error", "not_tls")
    if seen is None:
        return None
    reason = text(seen, "reason") or seen.outcome
    return conclude(
        "tls.other_protocol",
        about_handshake(evidence, seen),
        because=[
            (
                f"OpenSSL ends the handshake with {reason}: what {seen.target} sends is no TLS that this client "
                "understands."
            )
        ],
        confidence="possible",
    )
