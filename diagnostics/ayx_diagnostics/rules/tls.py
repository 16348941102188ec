"""Conclusions about the handshake: what answered the ClientHello, and what it objected to."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ayx_diagnostics.evidence import Evidence, flag, mapping, mappings, text, texts, whole
from ayx_diagnostics.model import Confidence, Finding, FixStep, Observation
from ayx_diagnostics.rules import certificates, verification
from ayx_diagnostics.rules.conclusion import Rule, conclude, network, seconds, server, you
from ayx_diagnostics.rules.established import small_segments, unacknowledged

__all__ = ["RULES"]

#: Alert numbers of RFC 8446, 6.2.
_BAD_CERTIFICATES = frozenset({42, 43, 44, 45, 46, 48})
_HANDSHAKE_FAILURE, _ACCESS_DENIED, _PROTOCOL_VERSION, _INSUFFICIENT = 40, 49, 70, 71
_INTERNAL_ERROR, _UNRECOGNIZED_NAME, _CERTIFICATE_REQUIRED = 80, 112, 116

_VERSION_REASONS = frozenset(
    {"UNSUPPORTED_PROTOCOL", "WRONG_SSL_VERSION", "VERSION_TOO_LOW", "NO_PROTOCOLS_AVAILABLE", "UNKNOWN_PROTOCOL"}
)
_CIPHER_REASONS = frozenset(
    {"NO_SHARED_CIPHER", "WRONG_CIPHER_RETURNED", "NO_CIPHERS_AVAILABLE", "UNKNOWN_CIPHER_RETURNED"}
)
_WEAK_REASONS = frozenset({"DH_KEY_TOO_SMALL", "EE_KEY_TOO_SMALL", "CA_KEY_TOO_SMALL", "CA_MD_TOO_WEAK", "BAD_ECPOINT"})
_MODERN = frozenset({"TLSv1.2", "TLSv1.3"})
_WITHOUT_NAME = frozenset({"no_sni", "other_sni"})


def _stuck(evidence: Evidence, *outcomes: str) -> Observation | None:
    """Return the client's handshake that ended in one of these ways if none succeeded, else None."""
    shakes = evidence.handshakes
    if any(seen.ok for seen in shakes):
        return None
    return next((seen for seen in shakes if seen.outcome in outcomes), None)


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


def _finding(
    evidence: Evidence,
    code: str,
    seen: Observation,
    because: list[str | None],
    *,
    fix: tuple[FixStep | None, ...] = (),
    ruled_out: tuple[str | None, ...] = (),
    confidence: Confidence = "certain",
) -> Finding:
    return conclude(
        code,
        because=because,
        ruled_out=[
            f"Not the port: {seen.target} accepts connections." if not flag(seen, "via_proxy") else None,
            *ruled_out,
        ],
        fix=fix,
        confidence=confidence,
        host=text(seen, "server_name") or evidence.host,
        address=seen.target,
    )


def ca_bundle(evidence: Evidence) -> Finding | None:
    """The CA bundle that the settings name cannot be used: from reading it."""
    seen = next((seen for seen in evidence.all("tls", "ca_bundle") if not seen.ok), None)
    if seen is None:
        return None
    why = {
        "missing": "there is no such file",
        "unreadable": "it cannot be read",
        "no_certificates": "it holds no certificate in PEM form",
    }.get(seen.outcome, seen.outcome)
    origin = text(seen, "origin")
    message = text(seen, "message")
    return conclude(
        "tls.ca_bundle_unreadable",
        because=[
            f"The CA bundle {seen.target}{' (from ' + origin + ')' if origin else ''}: {why}.",
            f"Reading it gave: {message}." if message else None,
        ],
        ruled_out=["Not the Server: no packet was needed to see this."],
        fix=[
            you(f"correct the path in {origin or 'the setting'}, or remove the setting to use the system's trust store")
        ],
        setting=origin or seen.target,
    )


def not_tls(evidence: Evidence) -> Finding | None:
    """The port speaks something else: from the first bytes of a peer that did not answer in TLS."""
    seen = _stuck(evidence, "not_tls", "protocol_error")
    first = text(seen, "first_bytes").removeprefix("b'").removeprefix('b"')
    if seen is None or not first:
        return None
    if first.startswith("HTTP/"):
        port = seen.target.rpartition(":")[2]
        return _finding(
            evidence,
            "tls.plaintext_http",
            seen,
            [f"{seen.target} answers the ClientHello in plain HTTP: {first!r}."],
            fix=(
                you(
                    "use the port where the Server speaks TLS; or, if it has none, http:// in the address "
                    f"(port {port})"
                ),
                server("switch TLS on in Alteryx System Settings (Server UI > Configuration) and bind a certificate"),
            ),
            ruled_out=("Not the certificate: no certificate was shown.",),
        )
    return _finding(
        evidence,
        "tls.other_protocol",
        seen,
        [f"{seen.target} answers the ClientHello with {first!r}, which is neither TLS nor HTTP."],
    )


def client_certificate(evidence: Evidence) -> Finding | None:
    """The Server demands a client certificate: from its CertificateRequest and what it did without one."""
    seen = _stuck(evidence, "alert", "reset", "closed", "protocol_error")
    numbers = _received(seen)
    if seen is not None and _CERTIFICATE_REQUIRED in numbers:
        return _finding(
            evidence,
            "tls.client_cert_required_13",
            seen,
            [f"{seen.target} ends the handshake with the alert {_alert_words(seen)}."],
        )
    if seen is None or not flag(seen, "certificate_requested"):
        return None
    if seen.outcome == "alert" and not numbers & {_HANDSHAKE_FAILURE, _ACCESS_DENIED, *_BAD_CERTIFICATES}:
        return None
    return _finding(
        evidence,
        "tls.client_cert_required_12",
        seen,
        [
            (
                f"{seen.target} asks for a client certificate (CertificateRequest) and, given none, ends "
                "the handshake with "
                f"{_alert_words(seen)}."
            ),
        ],
        ruled_out=("Not the ciphers: the Server chose one and went on to ask for a certificate.",),
        confidence="certain" if seen.outcome == "alert" else "likely",
    )


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
    return None


def protocol_version(evidence: Evidence) -> Finding | None:
    """No common version of TLS: from alert 70, OpenSSL's own refusal, or the versions that the Server accepts."""
    seen = _stuck(evidence, "alert", "protocol_error", "reset", "closed")
    if seen is None:
        return None
    ladder = evidence.first("tls", "versions")
    accepted = texts(ladder, "accepted")
    outdated = bool(accepted) and not set(accepted) & _MODERN
    told = _PROTOCOL_VERSION in _received(seen) or text(seen, "reason") in _VERSION_REASONS
    if not told and not outdated:
        return None
    refused = mapping(ladder, "refused")
    return _finding(
        evidence,
        "tls.protocol_version",
        seen,
        [
            f"{seen.target} refuses the versions that this client offers: {_alert_words(seen)}." if told else None,
            f"Asked for each version alone, it accepts {', '.join(accepted)} and refuses "
            f"{', '.join(str(name) for name in refused) or 'none'}."
            if accepted
            else None,
        ],
        fix=(
            server(f"switch TLS 1.2 or 1.3 on; {seen.target} speaks only {', '.join(accepted)}")
            if outdated
            else server("switch TLS 1.2 and 1.3 on"),
            you("check that no policy on this machine (OpenSSL configuration, FIPS) caps the client's versions")
            if not outdated
            else None,
        ),
        ruled_out=("Not the certificate: none was shown.",) if not verification.chain_of(seen) else (),
    )


def no_cipher(evidence: Evidence) -> Finding | None:
    """No common cipher: from alert 40 or 71 without a request for a client certificate before it."""
    seen = _stuck(evidence, "alert", "protocol_error")
    if seen is None or flag(seen, "certificate_requested"):
        return None
    told = _received(seen) & {_HANDSHAKE_FAILURE, _INSUFFICIENT}
    if not told and text(seen, "reason") not in _CIPHER_REASONS:
        return None
    accepted = texts(evidence.first("tls", "versions"), "accepted")
    return _finding(
        evidence,
        "tls.no_shared_cipher",
        seen,
        [
            f"{seen.target} answers the ClientHello with the alert {_alert_words(seen)}.",
            f"With every cipher that this OpenSSL has, it accepts {', '.join(accepted)}." if accepted else None,
        ],
        ruled_out=(
            "Not a missing client certificate: the Server did not ask for one."
            if text(seen, "stage_reached") not in ("client_hello_sent", "")
            else None,
        ),
        confidence="certain" if accepted else "likely",
    )


def unrecognized_name(evidence: Evidence) -> Finding | None:
    """The Server does not know the name in the ClientHello: from alert 112, and what it says without the name."""
    seen = _stuck(evidence, "alert")
    if seen is None or _UNRECOGNIZED_NAME not in _received(seen):
        return None
    other = next(
        (item for item in evidence.all("tls", "handshake", outcome="ok") if text(item, "purpose") in _WITHOUT_NAME),
        None,
    )
    names = [str(name) for item in verification.chain_of(other)[:1] for name in item.get("san") or ()][:6]
    return _finding(
        evidence,
        "tls.unrecognized_name",
        seen,
        [
            f"{seen.target} answers the name {text(seen, 'server_name')} with the alert {_alert_words(seen)}.",
            f"Without that name it completes the handshake, with a certificate for {', '.join(names)}."
            if names
            else None,
        ],
        fix=(
            you(
                f"check the name: the host there is called {names[0]}"
                if names
                else "check the host name in the address"
            ),
            server(f"configure {text(seen, 'server_name') or evidence.host} on {seen.target}"),
        ),
    )


def access_denied(evidence: Evidence) -> Finding | None:
    """The peer ends the handshake by policy or by its own error: from any alert that says no more."""
    seen = _stuck(evidence, "alert")
    if seen is None:
        return None
    known = _received(seen) & {_ACCESS_DENIED, _INTERNAL_ERROR}
    return _finding(
        evidence,
        "tls.access_denied_alert",
        seen,
        [f"{seen.target} ends the handshake with the alert {_alert_words(seen)}."],
        confidence="certain" if known else "possible",
    )


def weak_key(evidence: Evidence) -> Finding | None:
    """A key of the Server is too short for this OpenSSL: from the reason that it gives."""
    seen = _stuck(evidence, "protocol_error", "alert")
    if seen is None or text(seen, "reason") not in _WEAK_REASONS:
        return None
    return _finding(evidence, "tls.weak_key_or_sig", seen, [f"OpenSSL refuses with {text(seen, 'reason')}."])


def _other_name(evidence: Evidence) -> bool | None:
    """Return whether the peer answers a ClientHello without the Server's name; None if that was not tried."""
    tried = [seen for seen in evidence.all("tls", "handshake") if text(seen, "purpose") in _WITHOUT_NAME]
    return any(seen.ok or whole(seen, "bytes_received") for seen in tried) if tried else None


_ENDINGS: Mapping[str, tuple[str, str]] = {
    "reset": ("tls.rst_on_clienthello", "resets the connection (RST)"),
    "closed": ("tls.fin_on_clienthello", "closes the connection (FIN)"),
}


def ended_on_hello(evidence: Evidence) -> Finding | None:
    """The connection is ended on the ClientHello: from FIN or RST after it, on a port that lets a quiet one stay."""
    seen = _stuck(evidence, *_ENDINGS)
    quiet = evidence.first("tcp", "quiet")
    if seen is None or flag(seen, "via_proxy") or (quiet is not None and quiet.outcome in _ENDINGS):
        return None
    code, how = _ENDINGS[seen.outcome]
    received = whole(seen, "bytes_received") or 0
    other, name = _other_name(evidence), text(seen, "server_name") or evidence.host
    return _finding(
        evidence,
        code,
        seen,
        [
            (
                f"{seen.target} {how} after {whole(seen, 'bytes_sent') or 'the'} bytes of ClientHello for "
                f"{name}; {received} "
                "bytes came back."
            ),
            f"A connection on which nothing is said stays open for {seconds(quiet.duration_s)}." if quiet else None,
            f"A ClientHello without the name {name} is answered: something filters by that name." if other else None,
            f"A ClientHello without the name {name} ends the same way." if other is False else None,
        ],
        fix=(
            network(
                f"exempt {name} from the filter of TLS names (intrusion prevention, web filter) on the way "
                f"to {seen.target}"
            )
            if other is not False
            else None,
            server(f"check that {seen.target} has a TLS binding with a certificate for {name}") if not other else None,
        ),
        ruled_out=(
            "Not a load balancer that drops every connection: one without TLS stays open." if quiet else None,
            "Not a filter by name: the name makes no difference." if other is False else None,
        ),
        confidence="certain" if quiet and not received else "likely" if not received else "possible",
    )


def silent_on_hello(evidence: Evidence) -> Finding | None:
    """The ClientHello is never answered: from silence after it, with TCP's word whether it arrived."""
    seen = _stuck(evidence, "timeout")
    if seen is None or small_segments(evidence, seen) or (whole(seen, "bytes_received") or 0) > 0:
        return None
    unacked, other = unacknowledged(seen), _other_name(evidence)
    name = text(seen, "server_name") or evidence.host
    repeats = mapping(seen, "tcp_info").get("total_retrans")
    small = evidence.first("tls", "handshake", purpose="small_segments")
    return _finding(
        evidence,
        "tls.silent_on_clienthello",
        seen,
        [
            f"{seen.target} gave no byte in answer to the ClientHello for {name} within {seconds(seen.duration_s)}.",
            f"TCP never got an acknowledgement for it ({repeats} retransmissions): the ClientHello is "
            "dropped on the way."
            if unacked
            else None,
            "TCP acknowledged it: the Server's side has the ClientHello and does not answer."
            if unacked is False
            else None,
            f"A ClientHello without the name {name} is answered: something filters by that name." if other else None,
        ],
        fix=(
            network(f"exempt {name} from the filter of TLS names on the way to {seen.target}")
            if unacked or other
            else None,
            server(f"check the service behind {seen.target}: it accepts connections and does not start TLS")
            if not unacked and not other
            else None,
        ),
        ruled_out=(
            "Not a path that drops large packets: small segments change nothing." if small is not None else None,
            "Not a filter by name: the name makes no difference." if other is False else None,
        ),
        confidence="certain" if other or unacked is not None else "likely",
    )


def variables_disagree(evidence: Evidence) -> Finding | None:
    """Libraries read different CA variables: from a trust matrix in which the two variables disagree."""
    if not any(seen.ok for seen in evidence.handshakes):
        return None
    stores = mapping(evidence.first("tls", "trust"), "stores")
    paths = {str(name): state for name, state in stores.items() if name in ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE")}
    if len(set(map(str, paths.values()))) <= 1:  # one variable, or both of one mind
        return None
    return conclude(
        "tls.env_ca_not_seen",
        because=[f"The chain is {state} by the certificates of {name}." for name, state in paths.items()],
        fix=[you("set SSL_CERT_FILE (httpx, urllib) and REQUESTS_CA_BUNDLE (requests) to the same file")],
        host=evidence.host,
    )


def common_name_only(evidence: Evidence) -> Finding | None:
    """The certificate names the host in its subject alone: from a leaf without subject alternative names."""
    seen = next((seen for seen in evidence.handshakes if seen.ok), None)
    chain = verification.chain_of(seen)
    if seen is None or not chain or chain[0].get("san") != [] or not chain[0].get("common_name"):
        return None
    return _finding(
        evidence,
        "tls.cn_only",
        seen,
        [
            (
                f"The certificate of {seen.target} names {chain[0]['common_name']} as its subject and has no "
                "alternative names."
            )
        ],
    )


_TABLE: tuple[tuple[Callable[[Evidence], Finding | None], tuple[str, ...]], ...] = (
    (not_tls, ("tls.plaintext_http", "tls.other_protocol")),
    (client_certificate, ("tls.client_cert_required_12", "tls.client_cert_required_13")),
    (client_certificate_after, ("tls.client_cert_required_13",)),
    (protocol_version, ("tls.protocol_version",)),
    (no_cipher, ("tls.no_shared_cipher",)),
    (unrecognized_name, ("tls.unrecognized_name",)),
    (weak_key, ("tls.weak_key_or_sig",)),
    (access_denied, ("tls.access_denied_alert",)),
    (ended_on_hello, ("tls.rst_on_clienthello", "tls.fin_on_clienthello")),
    (silent_on_hello, ("tls.silent_on_clienthello",)),
    (variables_disagree, ("tls.env_ca_not_seen",)),
    (common_name_only, ("tls.cn_only",)),
)

RULES: tuple[Rule, ...] = (
    Rule(ca_bundle, ("tls.ca_bundle_unreadable",), independent=True),
    *certificates.RULES,
    *(Rule(rule, codes) for rule, codes in _TABLE),
)
