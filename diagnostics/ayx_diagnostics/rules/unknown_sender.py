"""What a system without an error queue cannot tell: who sent the refusal (Windows and macOS have none)."""

from __future__ import annotations

from dataclasses import replace

from ayx_diagnostics.catalogue import entry
from ayx_diagnostics.evidence import Evidence, flag
from ayx_diagnostics.model import Finding

__all__ = ["doubted"]


def doubted(evidence: Evidence, finding: Finding) -> Finding:
    """Return a finding with what cannot be ruled out here: codes that this system cannot tell apart are both said."""
    other = entry(finding.code).without_sender
    if other is None or not any(flag(seen, "sender_unknown") for seen in evidence.first_hops):
        return finding
    doubt = f"This system does not tell who sent a refusal, so {other.code} ({other.differs}) is not ruled out."
    confidence = "likely" if finding.confidence == "certain" else finding.confidence
    return replace(finding, confidence=confidence, because=(*finding.because, doubt))
