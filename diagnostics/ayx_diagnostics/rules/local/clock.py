"""The conclusion that this machine's clock is wrong."""

from __future__ import annotations

from ayx_diagnostics.evidence import Evidence, number, text
from ayx_diagnostics.model import Finding
from ayx_diagnostics.rules.conclusion import conclude, the_server
from ayx_diagnostics.rules.rule import rule
from ayx_diagnostics.rules.tls.certificate_evidence import chain_of, clock_is_to_blame, refused_certificate

#: X509_V_ERR_CERT_NOT_YET_VALID and X509_V_ERR_CERT_HAS_EXPIRED.
_DATE_CODES = (9, 10)


@rule("local.clock_skew")
def skewed(evidence: Evidence) -> Finding | None:
    """This machine's clock is wrong: from the Date header of an answer."""
    seen = evidence.first("local", "clock", outcome="skewed")
    skew = number(seen, "skew_s")
    if seen is None or skew is None:
        return None
    refused = refused_certificate(evidence)
    failed = refused is not None and number(refused, "verify_code") in _DATE_CODES
    blamed = failed and clock_is_to_blame(evidence, chain_of(refused))
    return conclude(
        "local.clock_skew",
        because=[
            (
                f"{seen.target} says it is {text(seen, 'date') or 'another time'}; this machine's clock is "
                f"{abs(skew):.0f} s {'behind' if skew > 0 else 'ahead'}."
            ),
            "A certificate was refused for its dates, and is valid at the time that the other side shows."
            if blamed
            else None,
        ],
        severity="error" if blamed else "warning",
        confidence="likely",
        host=the_server(evidence),
    )
