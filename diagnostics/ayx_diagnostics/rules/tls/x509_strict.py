"""What the strict checks of Python 3.13 refuse, though this client accepts it: other scripts on this Python fail."""

from __future__ import annotations

from ayx_diagnostics.evidence import Evidence, mappings
from ayx_diagnostics.model import Finding
from ayx_diagnostics.rules.conclusion import conclude, server, you
from ayx_diagnostics.rules.rule import rule
from ayx_diagnostics.rules.tls.verification import Certificate, called


def lacking(code: str, path: tuple[Certificate, ...]) -> str | None:
    """Return the sentence that names what the certificates of a path lack by a strict rule, or None.

    Source: ``X509_V_FLAG_X509_STRICT`` in openssl's check_extensions(), after RFC 5280, 4.2.1.1 and 4.2.1.9.
    """
    if code == "tls.strict_missing_aki":
        found = [called(item) for item in path if item.get("has_aki") is False and not item.get("self_signed")]
        return f"{', '.join(found)} has no authority key identifier." if found else None
    found = [called(item) for item in path if item.get("is_ca") and item.get("basic_constraints_critical") is False]
    return f"{', '.join(found)} does not mark its basic constraints as critical." if found else None


@rule("tls.strict_basic_constraints", "tls.strict_missing_aki")
def refused_elsewhere(evidence: Evidence) -> Finding | None:
    """Scripts with Python's own defaults refuse the chain: from the path that this client verified less strictly."""
    for seen in evidence.handshakes:
        path = mappings(seen, "strict_path")
        for code in ("tls.strict_basic_constraints", "tls.strict_missing_aki"):
            if seen.ok and (sentence := lacking(code, path)):
                return conclude(
                    code,
                    because=[
                        sentence,
                        f"This client accepts the chain of {seen.target}.",
                        "Since Python 3.13, ssl.create_default_context() (httpx, requests, urllib) refuses it.",
                    ],
                    fix=[
                        server("reissue the certificates so that they follow RFC 5280"),
                        you("until then: ssl_context.verify_flags &= ~ssl.VERIFY_X509_STRICT, in the scripts' context"),
                    ],
                    severity="warning",
                    confidence="likely",
                    host=evidence.host,
                )
    return None
