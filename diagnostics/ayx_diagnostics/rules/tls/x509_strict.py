"""What the strict checks of Python 3.13 refuse, though this client accepts it: other scripts on this Python fail."""

from __future__ import annotations

from ayx_diagnostics.evidence import Evidence, mappings
from ayx_diagnostics.model import Finding
from ayx_diagnostics.rules.conclusion import conclude, server, you
from ayx_diagnostics.rules.rule import rule
from ayx_diagnostics.rules.tls.certificate_evidence import lacking


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
