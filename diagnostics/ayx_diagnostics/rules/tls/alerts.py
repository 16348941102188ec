"""Conclusions from how a peer refuses the handshake: its alert, or OpenSSL's own objection (RFC 8446, 6.2)."""

from __future__ import annotations

import re

from ayx_diagnostics.evidence import Evidence, flag, mapping, mappings, text, texts, whole
from ayx_diagnostics.model import Finding, Observation
from ayx_diagnostics.rules.conclusion import conclude, server, you
from ayx_diagnostics.rules.rule import rule
from ayx_diagnostics.rules.tls.certificate_evidence import chain_of
from ayx_diagnostics.rules.tls.handshake_evidence import WITHOUT_NAME, about_handshake, failed_handshake

#: Alert numbers of RFC 8446, 6.2.
_BAD_CERTIFICATES = frozenset({42, 43, 44, 45, 46, 48})
_HANDSHAKE_FAILURE, _ACCESS_DENIED, _PROTOCOL_VERSION, _INSUFFICIENT = 40, 49, 70, 71
_INTERNAL_ERROR, _UNRECOGNIZED_NAME, _CERTIFICATE_REQUIRED = 80, 112, 116
#: The peer lacks the safe renegotiation of RFC 5746: a TLS from before 2010, whatever number it says.
_NO_RFC_5746 = "UNSAFE_LEGACY_RENEGOTIATION_DISABLED"
_VERSION_REASONS = frozenset(
    {
        "UNSUPPORTED_PROTOCOL",
        "WRONG_SSL_VERSION",
        "VERSION_TOO_LOW",
        "NO_PROTOCOLS_AVAILABLE",
        "UNKNOWN_PROTOCOL",
        _NO_RFC_5746,
    }
)
_CIPHER_REASONS = frozenset(
    {"NO_SHARED_CIPHER", "WRONG_CIPHER_RETURNED", "NO_CIPHERS_AVAILABLE", "UNKNOWN_CIPHER_RETURNED"}
)
_WEAK_REASONS = frozenset({"DH_KEY_TOO_SMALL", "EE_KEY_TOO_SMALL", "CA_KEY_TOO_SMALL", "CA_MD_TOO_WEAK", "BAD_ECPOINT"})
_MODERN = frozenset({"TLSv1.2", "TLSv1.3"})
#: What web servers say to a request without a client certificate: nginx 400 (496 within), IIS 403.7, Apache 403.
_CERTIFICATE_STATUSES = frozenset({400, 401, 403, 495, 496})
_CERTIFICATE_WORDS = re.compile(
    r"no required ssl certificate was sent|the ssl certificate error|(ssl )?client certificate (is )?required|"
    r"requires? (a|an|your) (ssl )?client certificate|403\.7\b",
    re.IGNORECASE,
)


def _received(seen: Observation | None) -> set[int]:
    """Return the numbers of the fatal alerts that the peer sent."""
    return {
        number
        for alert in mappings(seen, "alerts")
        if alert.get("direction") == "received" and isinstance(number := alert.get("number"), int) and number
    }


def _alert_words(seen: Observation) -> str:
    named = [
        f"{alert.get('name')} ({alert.get('number')})"
        for alert in mappings(seen, "alerts")
        if alert.get("direction") == "received"
    ]
    return ", ".join(named) or text(seen, "reason") or seen.outcome


@rule("tls.client_cert_required_12", "tls.client_cert_required_13", independent=True)
def client_certificate(evidence: Evidence) -> Finding | None:
    """The Server demands a client certificate: from its CertificateRequest and what it did without one."""
    seen = failed_handshake(evidence, "alert", "reset", "closed", "protocol_error") or _unverified(evidence, "alert")
    numbers = _received(seen)
    if seen is not None and _CERTIFICATE_REQUIRED in numbers:
        return conclude(
            "tls.client_cert_required_13",
            about_handshake(evidence, seen),
            because=[f"{seen.target} ends the handshake with the alert {_alert_words(seen)}."],
        )
    if seen is None or not flag(seen, "certificate_requested"):
        return None
    if seen.outcome == "alert" and not numbers & {_HANDSHAKE_FAILURE, _ACCESS_DENIED, *_BAD_CERTIFICATES}:
        return None
    return conclude(
        "tls.client_cert_required_12",
        about_handshake(evidence, seen),
        because=[
            (
                f"{seen.target} asks for a client certificate (CertificateRequest) and, given none, ends the handshake "
                f"with {_alert_words(seen)}."
            )
        ],
        ruled_out=["Not the ciphers: the Server chose one and went on to ask for a certificate."],
        confidence="certain" if seen.outcome == "alert" else "likely",
    )


def _unverified(evidence: Evidence, outcome: str) -> Observation | None:
    """Return the handshake that was repeated without verification, if it ended so."""
    return evidence.first("tls", "handshake", outcome=outcome, purpose="unverified")


@rule("tls.client_cert_required_13", "tls.client_cert_required_12", independent=True)
def client_certificate_after(evidence: Evidence) -> Finding | None:
    """TLS 1.3 demands a client certificate after the handshake: from the alert at the first read."""
    shake = next((seen for seen in evidence.handshakes if seen.ok), None)
    for seen in evidence.exchanges:
        reason = text(seen, "tls_reason") or text(seen, "reason")
        numbers = _received(seen)
        required = _CERTIFICATE_REQUIRED in numbers or "CERTIFICATE_REQUIRED" in reason
        other = seen.outcome == "alert" and (numbers & _BAD_CERTIFICATES or flag(shake, "certificate_requested"))
        if required or other:
            return conclude(
                "tls.client_cert_required_13",
                because=[
                    (
                        "The handshake succeeds, and the first answer after it is the TLS alert "
                        f"{_alert_words(seen) if numbers else reason}."
                    ),
                    "TLS 1.3 checks the client's certificate only after the client is done, so the refusal comes late.",
                ],
                ruled_out=["Not the Server's certificate: it was accepted." if shake else None],
                confidence="certain" if required else "likely",
                host=evidence.host,
                address=shake.target if shake else seen.target,
            )
        if asked := _asked_for_in_http(evidence, seen, shake):
            return asked
    return None


def _asked_for_in_http(evidence: Evidence, seen: Observation, shake: Observation | None) -> Finding | None:
    """A web server lets the handshake pass and refuses each request: from its status and words."""
    status = whole(seen, "status")
    said = _CERTIFICATE_WORDS.search(f"{text(seen, 'title')} {text(seen, 'reason')} {text(seen, 'body_start')}")
    if status not in _CERTIFICATE_STATUSES or not said:
        return None
    if shake is None:
        shake = _unverified(evidence, "ok")
    older = text(shake, "version") == "TLSv1.2"
    return conclude(
        "tls.client_cert_required_12" if older else "tls.client_cert_required_13",
        because=[
            "The handshake succeeds without a client certificate.",
            f"{text(seen, 'url') or seen.target} is answered with {status}: {said.group(0).strip()!r}.",
            "The Server asked for a client certificate in the handshake (CertificateRequest)."
            if flag(shake, "certificate_requested")
            else None,
            f"The answer carries Server: {text(seen, 'server')}." if text(seen, "server") else None,
        ],
        ruled_out=["Not the API key: the web server refuses before anybody looks at it."],
        host=evidence.host,
        address=shake.target if shake else seen.target,
    )


@rule("tls.protocol_version")
def protocol_version(evidence: Evidence) -> Finding | None:
    """No common version of TLS: from alert 70, OpenSSL's own refusal, or the versions that the Server accepts."""
    seen = failed_handshake(evidence, "alert", "protocol_error", "reset", "closed")
    if seen is None:
        return None
    ladder = evidence.first("tls", "versions")
    accepted = texts(ladder, "accepted")
    outdated = bool(accepted) and not set(accepted) & _MODERN
    told = _PROTOCOL_VERSION in _received(seen) or text(seen, "reason") in _VERSION_REASONS
    if not told and not outdated:
        return None
    refused = mapping(ladder, "refused")
    return conclude(
        "tls.protocol_version",
        about_handshake(evidence, seen),
        because=[
            f"{seen.target} refuses the versions that this client offers: {_alert_words(seen)}."
            if told and text(seen, "reason") != _NO_RFC_5746
            else None,
            f"{seen.target} does not know the safe renegotiation of RFC 5746, so OpenSSL 3 refuses it: {_NO_RFC_5746}."
            if text(seen, "reason") == _NO_RFC_5746
            else None,
            f"Asked for each version alone, it accepts {', '.join(accepted)} and refuses "
            f"{', '.join(str(name) for name in refused) or 'none'}."
            if accepted
            else None,
        ],
        fix=[
            server(f"switch TLS 1.2 or 1.3 on; {seen.target} speaks only {', '.join(accepted)}")
            if outdated
            else server("switch TLS 1.2 and 1.3 on"),
            you("check that no policy on this machine (OpenSSL configuration, FIPS) caps the client's versions")
            if not outdated
            else None,
        ],
        ruled_out=["Not the certificate: none was shown."] if not chain_of(seen) else [],
    )


@rule("tls.no_shared_cipher")
def no_cipher(evidence: Evidence) -> Finding | None:
    """No common cipher: from alert 40 or 71 without a request for a client certificate before it."""
    seen = failed_handshake(evidence, "alert", "protocol_error")
    if seen is None or flag(seen, "certificate_requested"):
        return None
    told = _received(seen) & {_HANDSHAKE_FAILURE, _INSUFFICIENT}
    if not told and text(seen, "reason") not in _CIPHER_REASONS:
        return None
    accepted = texts(evidence.first("tls", "versions"), "accepted")
    return conclude(
        "tls.no_shared_cipher",
        about_handshake(evidence, seen),
        because=[
            f"{seen.target} answers the ClientHello with the alert {_alert_words(seen)}.",
            f"With every cipher that this OpenSSL has, it accepts {', '.join(accepted)}." if accepted else None,
        ],
        ruled_out=[
            "Not a missing client certificate: the Server did not ask for one."
            if text(seen, "stage_reached") not in ("client_hello_sent", "")
            else None
        ],
        confidence="certain" if accepted else "likely",
    )


@rule("tls.unrecognized_name")
def unrecognized_name(evidence: Evidence) -> Finding | None:
    """The Server does not know the name in the ClientHello: from alert 112, and what it says without the name."""
    seen = failed_handshake(evidence, "alert")
    if seen is None or _UNRECOGNIZED_NAME not in _received(seen):
        return None
    other = next(
        (item for item in evidence.all("tls", "handshake", outcome="ok") if text(item, "purpose") in WITHOUT_NAME), None
    )
    names = [str(name) for item in chain_of(other)[:1] for name in item.get("san") or ()][:6]
    return conclude(
        "tls.unrecognized_name",
        about_handshake(evidence, seen),
        because=[
            f"{seen.target} answers the name {text(seen, 'server_name')} with the alert {_alert_words(seen)}.",
            f"Without that name it completes the handshake, with a certificate for {', '.join(names)}."
            if names
            else None,
        ],
        fix=[
            you(
                f"check the name: the host there is called {names[0]}"
                if names
                else "check the host name in the address"
            ),
            server(f"configure {text(seen, 'server_name') or evidence.host} on {seen.target}"),
        ],
    )


@rule("tls.weak_key_or_sig")
def weak_key(evidence: Evidence) -> Finding | None:
    """A key of the Server is too short for this OpenSSL: from the reason that it gives."""
    seen = failed_handshake(evidence, "protocol_error", "alert")
    if seen is None or text(seen, "reason") not in _WEAK_REASONS:
        return None
    return conclude(
        "tls.weak_key_or_sig",
        about_handshake(evidence, seen),
        because=[f"OpenSSL refuses with {text(seen, 'reason')}."],
    )


@rule("tls.access_denied_alert")
def access_denied(evidence: Evidence) -> Finding | None:
    """The peer ends the handshake by policy or by its own error: from any alert that says no more."""
    seen = failed_handshake(evidence, "alert")
    if seen is None:
        return None
    known = _received(seen) & {_ACCESS_DENIED, _INTERNAL_ERROR}
    return conclude(
        "tls.access_denied_alert",
        about_handshake(evidence, seen),
        because=[f"{seen.target} ends the handshake with the alert {_alert_words(seen)}."],
        confidence="certain" if known else "possible",
    )
