"""Conclusions from certificates beside the client's own way: at another address, or where nothing is to be verified."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from ayx_diagnostics.evidence import Evidence, text
from ayx_diagnostics.model import Finding, Observation
from ayx_diagnostics.rules.conclusion import Rule
from ayx_diagnostics.rules.tls import certificates

__all__ = ["RULES"]


def elsewhere(evidence: Evidence) -> Iterator[Finding]:
    """A certificate is refused that the walk itself did not stop at: from a handshake made beside it.

    Another address of the name meets other runs of the same script; an unverified connection meets this one, and its
    user has asked to be told only. Neither stops the client, so both are warnings.
    """
    for seen in evidence.all("tls", "handshake", outcome="verify_failed"):
        purpose = text(seen, "purpose")
        if purpose not in _WHY or not any(item.ok for item in evidence.handshakes):
            continue
        found = _judged(evidence, seen)
        if found is not None:
            because = (_WHY[purpose].format(seen.target), *found.because)
            yield replace(found, severity="warning", because=because)


_WHY = {
    "other_address": "The name has several addresses; {} shows a certificate that this client refuses.",
    "verifying": "Verification is switched off, so no credentials were sent; with it, {} would be refused.",
}


def _judged(evidence: Evidence, seen: Observation) -> Finding | None:
    """Return what the rules make of a refused certificate as if it were the client's own handshake."""
    others = [item for item in evidence if (item.stage, item.operation) != ("tls", "handshake")]
    own = replace(seen, evidence={**seen.evidence, "purpose": "client"})
    alone = Evidence([*others, own])
    for rule in certificates.RULES:
        concluded = rule.conclude(alone)
        if isinstance(concluded, Finding):
            return concluded
    return None


RULES: tuple[Rule, ...] = (Rule(elsewhere, tuple(code for rule in certificates.RULES for code in rule.codes)),)
