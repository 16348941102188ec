"""What a system without an error queue cannot tell: who sent the refusal (Windows and macOS have none)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from ayx_diagnostics.evidence import Evidence, flag
from ayx_diagnostics.model import Finding

__all__ = ["doubted"]

#: code -> what looks the same where the sender of a refusal is not known.
_LOOKS_THE_SAME: Mapping[str, str] = {
    "local.no_interface_or_route": "tcp.no_route_icmp (a router on the way has no route)",
    "local.unreachable_route": "tcp.rejected_icmp_admin (a firewall on the way refuses)",
    "local.prohibit_route": "local.firewall_reject (this machine's security software refuses)",
    "tcp.dead_host": "tcp.no_route_icmp (a router on the way has no route)",
    "tcp.proto_unreachable": "tcp.rejected_icmp_admin (a firewall on the way refuses)",
    "tcp.refused_by_host": "tcp.refused_by_middlebox (a firewall on the way refuses in the Server's name)",
}


def doubted(evidence: Evidence, finding: Finding) -> Finding:
    """Return a finding with what cannot be ruled out here: codes that this system cannot tell apart are both said."""
    other = _LOOKS_THE_SAME.get(finding.code)
    if other is None or not any(flag(seen, "sender_unknown") for seen in evidence.first_hops):
        return finding
    doubt = f"This system does not tell who sent a refusal, so {other} is not ruled out."
    confidence = "likely" if finding.confidence == "certain" else finding.confidence
    return replace(finding, confidence=confidence, because=(*finding.because, doubt))
