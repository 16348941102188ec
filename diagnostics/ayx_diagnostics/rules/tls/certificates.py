"""Conclusions from the Server's certificate: OpenSSL's verify code, and the chain that was shown."""

from __future__ import annotations

from collections.abc import Mapping

from ayx_diagnostics.evidence import Evidence, ip_address, number, text
from ayx_diagnostics.model import Finding, Observation
from ayx_diagnostics.rules.conclusion import conclude, server, you
from ayx_diagnostics.rules.rule import rule
from ayx_diagnostics.rules.tls.certificate_evidence import (
    NO_ISSUER,
    SELF_SIGNED_IN_CHAIN,
    Certificate,
    about_certificate,
    called,
    chain_of,
    clock_is_to_blame,
    code_of,
    is_for_another_host,
    issuer_of,
    lacking,
    names_in,
    read_moment,
    refused_certificate,
)
from ayx_diagnostics.rules.tls.handshake_evidence import about_handshake

#: X509_V_ERR_* of openssl/x509_vfy.h.
_NOT_YET_VALID, _EXPIRED = 9, 10
_SELF_SIGNED_LEAF = 18
_HOST_MISMATCH, _IP_MISMATCH = 62, 64
_PLAIN_CODES: Mapping[int, str] = {
    26: "tls.wrong_eku",
    47: "tls.name_constraints",
    48: "tls.name_constraints",
    66: "tls.weak_key_or_sig",
    67: "tls.weak_key_or_sig",
    68: "tls.weak_key_or_sig",
    85: "tls.strict_missing_aki",
    86: "tls.strict_missing_aki",
    89: "tls.strict_basic_constraints",
    92: "tls.strict_basic_constraints",
}


@rule("tls.cert_expired")
def expired(evidence: Evidence) -> Finding | None:
    """A certificate has expired: from verify code 10, and the earliest end of validity in the chain shown."""
    seen = refused_certificate(evidence)
    chain = chain_of(seen)
    if seen is None or code_of(seen) != _EXPIRED or clock_is_to_blame(evidence, chain):
        return None
    ends = [(moment, index) for index, item in enumerate(chain) if (moment := read_moment(item.get("not_after")))]
    until, index = min(ends, default=(None, 0))
    culprit = chain[index] if chain else {}
    part = "the Server's own certificate" if index == 0 else f"the intermediate certificate {called(culprit)}"
    healthy = [f"{called(item)} until {item.get('not_after')}" for at, item in enumerate(chain) if at != index]
    return conclude(
        "tls.cert_expired",
        about_certificate(evidence, seen),
        because=[
            f"{part[:1].upper()}{part[1:]} was valid until {culprit.get('not_after')}." if until else None,
            f"It is certificate {index + 1} of {len(chain)} in the chain that {seen.target} sends, issued by "
            f"{issuer_of(culprit)}."
            if until
            else None,
        ],
        fix=[
            server(f"renew the certificate of {text(seen, 'server_name') or evidence.host} and bind the new one")
            if index == 0
            else server(f"replace the expired intermediate certificate {called(culprit)} by its current successor")
        ],
        ruled_out=[
            f"Not the other certificates of the chain: {'; '.join(healthy)}." if healthy and until else None,
            _clock_fine(evidence),
        ],
        confidence="certain" if until else "likely",
    )


@rule("tls.cert_not_yet_valid")
def not_yet_valid(evidence: Evidence) -> Finding | None:
    """A certificate is not valid yet: from verify code 9, and the latest start of validity in the chain shown."""
    seen = refused_certificate(evidence)
    chain = chain_of(seen)
    if seen is None or code_of(seen) != _NOT_YET_VALID or clock_is_to_blame(evidence, chain):
        return None
    starts = [(moment, -index) for index, item in enumerate(chain) if (moment := read_moment(item.get("not_before")))]
    start, index = max(starts, default=(None, 0))
    culprit = chain[-index] if chain else {}
    return conclude(
        "tls.cert_not_yet_valid",
        about_certificate(evidence, seen),
        because=[f"{called(culprit)} is valid only from {culprit.get('not_before')} on." if start else None],
        fix=[
            you("compare this machine's clock with the right time"),
            server(f"if the clock is right: install a certificate that is already valid ({called(culprit)} is not)"),
        ],
        ruled_out=[_clock_fine(evidence)],
        confidence="certain" if evidence.first("local", "clock") else "likely",
    )


def _clock_fine(evidence: Evidence) -> str | None:
    seen = evidence.first("local", "clock", outcome="ok")
    skew = number(seen, "skew_s")
    return (
        f"Not this machine's clock: it is within {abs(skew):.0f} s of {seen.target}'s."
        if seen and skew is not None
        else None
    )


@rule("tls.hostname_mismatch", "tls.ip_mismatch")
def mismatch(evidence: Evidence) -> Finding | None:
    """The certificate is for another name: from verify code 62 or 64, and the names in it."""
    seen = refused_certificate(evidence)
    if seen is None or code_of(seen) not in (_HOST_MISMATCH, _IP_MISMATCH):
        return None
    leaf = chain_of(seen)[0] if chain_of(seen) else {}
    return _mismatch(evidence, seen, leaf)


@rule("tls.hostname_mismatch", "tls.ip_mismatch", independent=True)
def second_mismatch(evidence: Evidence) -> Finding | None:
    """A certificate refused for another reason is also for another name: from the names in it."""
    seen = refused_certificate(evidence)
    chain = chain_of(seen)
    if seen is None or not chain or code_of(seen) in (_HOST_MISMATCH, _IP_MISMATCH):
        return None
    return _mismatch(evidence, seen, chain[0]) if is_for_another_host(evidence) else None


@rule("tls.cert_expired", independent=True)
def second_expiry(evidence: Evidence) -> Finding | None:
    """A certificate refused for another reason has also expired: from its dates and the time of the handshake."""
    seen = refused_certificate(evidence)
    chain = chain_of(seen)
    now = read_moment(text(evidence.first("tls", "trust"), "checked_at"))
    if seen is None or not chain or now is None or code_of(seen) in (_EXPIRED, _NOT_YET_VALID):
        return None
    until = read_moment(chain[0].get("not_after"))
    if until is None or now <= until or evidence.first("local", "clock", outcome="skewed"):
        return None
    return conclude(
        "tls.cert_expired",
        because=[
            f"The Server's own certificate was valid until {chain[0].get('not_after')}; OpenSSL names one reason only."
        ],
        ruled_out=[_clock_fine(evidence)],
        fix=[server(f"renew the certificate of {text(seen, 'server_name') or evidence.host} and bind the new one")],
        host=text(seen, "server_name") or evidence.host,
        address=seen.target,
    )


def _mismatch(evidence: Evidence, seen: Observation, leaf: Certificate) -> Finding:
    host = text(seen, "server_name") or evidence.host
    names = names_in(leaf)
    listed = ", ".join(names[:6]) or called(leaf)
    usable = next((name for name in names if not name.startswith("*.") and not ip_address(name)), "")
    is_address = ip_address(host) is not None
    return conclude(
        "tls.ip_mismatch" if is_address else "tls.hostname_mismatch",
        because=[
            f"The address asks for {host}; the certificate of {seen.target} is for {listed}.",
            f"OpenSSL says: {text(seen, 'verify_message')} (verify code {code_of(seen)})."
            if code_of(seen) in (_HOST_MISMATCH, _IP_MISMATCH)
            else None,
            f"It was issued by {issuer_of(leaf)}." if leaf else None,
        ],
        ruled_out=[
            f"Not the network: {seen.target} completed its part of the handshake.",
            "Not its issuer: the chain itself was accepted."
            if code_of(seen) in (_HOST_MISMATCH, _IP_MISMATCH)
            else None,
        ],
        fix=[
            you(
                f"use the name in the certificate: https://{usable}/webapi"
                if usable
                else "use a name in the certificate"
            ),
            server(f"or install a certificate whose subject alternative names hold {host}"),
        ],
        host=host,
        address=seen.target,
    )


@rule("tls.self_signed")
def self_signed(evidence: Evidence) -> Finding | None:
    """The Server vouches for itself: from verify code 18, a chain of one with subject and issuer alike."""
    seen = refused_certificate(evidence)
    if seen is None or code_of(seen) != _SELF_SIGNED_LEAF:
        return None
    leaf = chain_of(seen)[0] if chain_of(seen) else {}
    return conclude(
        "tls.self_signed",
        about_certificate(evidence, seen),
        because=[f"The certificate of {seen.target} is signed by itself: subject and issuer are {called(leaf)}."],
        fix=[
            server(
                f"install a certificate for {evidence.host or 'the Server'} from your company's or a public authority"
            ),
            you(
                "until then: get the certificate from the Server's people by another way and pass it with --ca-bundle "
                "FILE"
            ),
        ],
    )


@rule(*dict.fromkeys(_PLAIN_CODES.values()))
def by_plain_code(evidence: Evidence) -> Finding | None:
    """A certificate breaks a rule of its own kind: from the verify code, with the property that is wrong."""
    seen = refused_certificate(evidence)
    code = _PLAIN_CODES.get(code_of(seen) or 0)
    if seen is None or code is None:
        return None
    chain = chain_of(seen)
    strict = code.startswith("tls.strict")
    return conclude(
        code,
        about_certificate(evidence, seen),
        because=[_property(code, chain)],
        fix=[
            server(f"reissue the certificates of {evidence.host or 'the Server'} so that they follow RFC 5280")
            if strict
            else None,
            you("until then: ssl_context.verify_flags &= ~ssl.VERIFY_X509_STRICT, in the script's own context")
            if strict
            else None,
        ],
    )


def _property(code: str, chain: tuple[Certificate, ...]) -> str | None:
    if not chain:
        return None
    leaf = chain[0]
    if code == "tls.wrong_eku":
        uses = leaf.get("eku")
        listed = ", ".join(map(str, uses)) if isinstance(uses, list | tuple) else ""
        return f"The certificate {called(leaf)} may be used for {listed or 'nothing'} only."
    if code == "tls.weak_key_or_sig":
        return "; ".join(f"{called(item)}: {item.get('key')}, {item.get('signature')}" for item in chain) + "."
    if code.startswith("tls.strict"):
        return lacking(code, chain)
    return f"The authority {issuer_of(leaf)} may not issue for {', '.join(names_in(leaf)[:4]) or called(leaf)}."


@rule("tls.unknown_ca_private")
def refused_for_another_reason(evidence: Evidence) -> Finding | None:
    """The certificate is refused for a reason without a code of its own: from OpenSSL's message."""
    seen = refused_certificate(evidence)
    if seen is None:
        return None
    known = {_EXPIRED, _NOT_YET_VALID, _HOST_MISMATCH, _IP_MISMATCH, _SELF_SIGNED_LEAF, SELF_SIGNED_IN_CHAIN}
    if code_of(seen) in (known | NO_ISSUER | set(_PLAIN_CODES)):
        return None
    return conclude(
        "tls.unknown_ca_private",
        about_certificate(evidence, seen),
        because=[
            "The certificate was refused for a reason that has no page of its own.",
            text(seen, "verify_message") or None,
        ],
        confidence="possible",
    )


@rule("tls.cn_only")
def common_name_only(evidence: Evidence) -> Finding | None:
    """The certificate names the host in its subject alone: from a leaf without subject alternative names."""
    seen = next((seen for seen in evidence.handshakes if seen.ok), None)
    chain = chain_of(seen)
    if seen is None or not chain or chain[0].get("san") != [] or not chain[0].get("common_name"):
        return None
    return conclude(
        "tls.cn_only",
        about_handshake(evidence, seen),
        because=[
            (
                f"The certificate of {seen.target} names {chain[0]['common_name']} as its subject and has no "
                "alternative names."
            )
        ],
    )
