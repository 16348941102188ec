"""Conclusions from certificates beside the client's own way: at another address, or where nothing is to be verified."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from ayx_diagnostics.evidence import Evidence, text
from ayx_diagnostics.model import Finding, Observation
from ayx_diagnostics.rules.rule import Rule, first_finding, rule

_WHY = {
    "other_address": "The name has several addresses; {} shows a certificate that this client refuses.",
    "verifying": "Verification is switched off, so no credentials were sent; with it, {} would be refused.",
}


def elsewhere(certificate_rules: tuple[Rule, ...]) -> Rule:
    """Return the rule for certificates beside the client's own way, which the same rules judge as those on it.

    Another address of the name meets other runs of the same script; an unverified connection meets this one, and its
    user has asked to be told only. Neither stops the client, so both are warnings.
    """

    @rule(*dict.fromkeys(code for each in certificate_rules for code in each.codes))
    def conclude(evidence: Evidence) -> Iterator[Finding]:
        """A certificate is refused that the walk itself did not stop at: from a handshake made beside it."""
        for seen in evidence.all("tls", "handshake", outcome="verify_failed"):
            purpose = text(seen, "purpose")
            if purpose not in _WHY or not any(item.ok for item in evidence.handshakes):
                continue
            found = first_finding(certificate_rules, _as_the_clients_own(evidence, seen))
            if found is not None:
                because = (_WHY[purpose].format(seen.target), *found.because)
                yield replace(found, severity="warning", because=because)

    return conclude


def _as_the_clients_own(evidence: Evidence, seen: Observation) -> Evidence:
    others = [item for item in evidence if (item.stage, item.operation) != ("tls", "handshake")]
    return Evidence([*others, replace(seen, evidence={**seen.evidence, "purpose": "client"})])
