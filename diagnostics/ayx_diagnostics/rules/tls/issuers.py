"""Conclusions about a chain that leads to nobody trusted: a private authority, an incomplete chain, inspection."""

from __future__ import annotations

from collections.abc import Sequence

from ayx_diagnostics.evidence import Evidence, flag, mapping, text, texts
from ayx_diagnostics.model import Confidence, Finding, Observation
from ayx_diagnostics.rules.conclusion import conclude, network, server, you
from ayx_diagnostics.rules.rule import rule
from ayx_diagnostics.rules.tls.certificate_evidence import (
    INSPECTION,
    INTERMEDIATE,
    NO_ISSUER,
    ROOT,
    SELF_SIGNED_IN_CHAIN,
    Certificate,
    about_certificate,
    chain_of,
    code_of,
    issuer_of,
    refused_certificate,
)


@rule("tls.unknown_ca_private", "tls.missing_intermediate", "tls.intercepted")
def unknown_issuer(evidence: Evidence) -> Finding | None:
    """Nobody that this machine trusts signed the chain: which of three reasons, from the chain and the trust matrix."""
    seen = refused_certificate(evidence)
    chain = chain_of(seen)
    if seen is None or code_of(seen) not in (SELF_SIGNED_IN_CHAIN, *NO_ISSUER):
        return None
    confidence = _interception(evidence, seen, chain)
    if confidence:
        return _intercepted(evidence, seen, chain, confidence)
    incomplete = _incomplete(evidence, chain) if code_of(seen) in NO_ISSUER else None
    if incomplete:
        return _missing_intermediate(evidence, seen, chain, incomplete)
    top = chain[-1] if chain else {}
    stores = mapping(evidence.first("tls", "trust"), "stores")
    trusted = [str(name) for name, state in stores.items() if state == "trusted"]
    return conclude(
        "tls.unknown_ca_private",
        about_certificate(evidence, seen),
        because=[
            f"The chain of {seen.target} ({len(chain)} certificate{'s' if len(chain) != 1 else ''}) leads to "
            f"{issuer_of(top)}, which no trust store in use knows."
            if chain
            else None,
            f"It would be trusted by {', '.join(trusted)}." if trusted else None,
            f"Not trusted by {', '.join(str(name) for name, state in stores.items() if state == 'untrusted')}."
            if any(state == "untrusted" for state in stores.values())
            else None,
        ],
        fix=[
            you(
                f"get the root certificate of {issuer_of(top) if chain else 'your company'} as a PEM file and pass it "
                "with --ca-bundle FILE (or ALTERYX_CA_BUNDLE, SSL_CERT_FILE), or install it in the system's trust "
                "store"
            )
        ],
        confidence="certain" if code_of(seen) == SELF_SIGNED_IN_CHAIN else "likely",
    )


def _incomplete(evidence: Evidence, chain: Sequence[Certificate]) -> Confidence | None:
    """Return how surely the Server left an intermediate certificate out, or None when nothing says so.

    A root is not fetched by browsers, has no address to be fetched from, and is seldom called an issuing authority.
    """
    top = chain[-1] if chain else {}
    if not chain or top.get("self_issued") or top.get("self_signed"):
        return None
    issuer = f"{top.get('issuer_common_name') or ''} {top.get('issuer') or ''}"
    if top.get("aia_issuers") or (len(chain) == 1 and INTERMEDIATE.search(issuer)):
        return "likely"
    # a root of the same organisation is trusted here: what lies between it and this chain was left out
    kin = texts(evidence.first("tls", "trust"), "akin")
    return "likely" if kin and not ROOT.search(issuer) else None


def _missing_intermediate(
    evidence: Evidence, seen: Observation, chain: Sequence[Certificate], confidence: Confidence
) -> Finding:
    leaf, kin = chain[-1], texts(evidence.first("tls", "trust"), "akin")
    places = leaf.get("aia_issuers")
    url = str(places[0]) if isinstance(places, Sequence) and not isinstance(places, str) and places else ""
    public = flag(evidence.first("tls", "trust"), "has_public_root")
    return conclude(
        "tls.missing_intermediate",
        about_certificate(evidence, seen),
        because=[
            (
                (
                    f"{seen.target} sends its own certificate alone; its issuer {issuer_of(leaf)} is neither sent nor "
                    "known here."
                )
                if len(chain) == 1
                else f"{seen.target} sends {len(chain)} certificates; the issuer of the last one, {issuer_of(leaf)}, "
                "is neither sent nor known here."
            ),
            f"A root of the same organisation is trusted here: {kin[0]}." if kin else None,
            f"The certificate itself says where the issuer's can be had: {url}." if url else None,
            "Browsers fetch or remember it, which is why they show no error; Python does not.",
        ],
        fix=[
            server(
                "send the full chain: append the certificate of "
                f"{issuer_of(leaf)}{' (from ' + url + ')' if url else ''} to the one that is bound"
            ),
            you(
                f"until then: put the certificate of {issuer_of(leaf)} into a PEM file and pass it with --ca-bundle "
                "FILE"
            ),
        ],
        ruled_out=["Not a self-signed certificate: it has an issuer of another name."],
        confidence="certain" if public and url else confidence,
    )


def _interception(evidence: Evidence, seen: Observation, chain: Sequence[Certificate]) -> Confidence | None:
    """Return how surely somebody on the way made this certificate, or None when nothing says so."""
    mine = chain[0].get("sha256") if chain else None
    for other in evidence.all("tls", "handshake"):
        theirs = chain_of(other)
        differs = theirs and mine and theirs[0].get("sha256") not in (None, mine)
        if differs and flag(other, "via_proxy") != flag(seen, "via_proxy") and _same_name(other, seen):
            return "certain"
    issuers = " ".join(f"{item.get('issuer') or ''} {item.get('issuer_common_name') or ''}" for item in chain)
    return "likely" if INSPECTION.search(issuers) else None


def _same_name(one: Observation, other: Observation) -> bool:
    return text(one, "server_name") == text(other, "server_name")


def _intercepted(
    evidence: Evidence, seen: Observation, chain: Sequence[Certificate], confidence: Confidence
) -> Finding:
    leaf = chain[0]
    stores = mapping(evidence.first("tls", "trust"), "stores")
    trusted = [str(name) for name, state in stores.items() if state == "trusted"]
    return conclude(
        "tls.intercepted",
        about_certificate(evidence, seen),
        because=[
            f"The certificate shown for {text(seen, 'server_name') or evidence.host} was issued by {issuer_of(leaf)}, "
            "which inspects traffic and is no authority that a Server would buy from."
            if INSPECTION.search(f"{leaf.get('issuer') or ''} {leaf.get('issuer_common_name') or ''}")
            else f"The certificate shown was issued by {issuer_of(leaf)}.",
            "By another way (with or without the proxy) the same host shows another certificate."
            if confidence == "certain"
            else None,
            f"It would be trusted by {', '.join(trusted)}." if trusted else None,
        ],
        fix=[
            you(
                f"install the root of {issuer_of(chain[-1])} in the system's trust store, or pass it with --ca-bundle "
                "FILE"
            ),
            network(f"or exempt {text(seen, 'server_name') or evidence.host} from TLS inspection"),
        ],
        confidence=confidence,
    )
