"""What a rule is: a function from the evidence to what it means, declared with the codes that it can conclude."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import wraps

from ayx_diagnostics.evidence import Evidence
from ayx_diagnostics.model import Finding

__all__ = ["Conclusion", "Rule", "first_finding", "rule", "with_detail"]

Conclusion = Finding | Iterable[Finding] | None


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule; its place among the others is in :mod:`~ayx_diagnostics.rules.order`.

    Attributes:
        conclude: From the evidence to what it means; nothing where it does not apply.
        codes: Every code that it can conclude.
        independent: Kept beside another error of its stage, instead of giving way to the first.
    """

    conclude: Callable[[Evidence], Conclusion]
    codes: tuple[str, ...]
    independent: bool = False

    @property
    def name(self) -> str:
        """Its module and its function, e.g. ``tcp.packet_loss.slow_accept``."""
        module = self.conclude.__module__.removeprefix(f"{__package__}.")
        return f"{module}.{self.conclude.__qualname__.partition('.')[0]}"

    def findings(self, evidence: Evidence) -> tuple[Finding, ...]:
        """Return what it concludes."""
        concluded = self.conclude(evidence)
        if concluded is None:
            return ()
        return (concluded,) if isinstance(concluded, Finding) else tuple(concluded)


def rule(*codes: str, independent: bool = False) -> Callable[[Callable[[Evidence], Conclusion]], Rule]:
    """Declare a function to be a rule; arguments as the attributes of :class:`Rule`."""
    return lambda conclude: Rule(conclude, codes, independent)


def first_finding(rules: Iterable[Rule], evidence: Evidence) -> Finding | None:
    """Return what the first rule concludes that applies, or None."""
    return next((finding for each in rules for finding in each.findings(evidence)), None)


def with_detail(rule: Rule, others: tuple[Rule, ...]) -> Rule:
    """Return a rule whose finding comes with the first one of others, as information: a detail, no second cause."""

    @wraps(rule.conclude)
    def conclude(evidence: Evidence) -> Iterable[Finding]:
        found = rule.findings(evidence)
        detail = first_finding(others, evidence) if found else None
        return (*found, replace(detail, severity="info")) if detail else found

    return replace(rule, conclude=conclude)
