"""A report's conclusions, drawn again from its anonymised observations."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ayx_diagnostics.report.anonymise.fields import Fields
from ayx_diagnostics.report.anonymise.texts import Texts
from ayx_diagnostics.report.checks import checks_of
from ayx_diagnostics.report.serialise import finding_to_json, observations_of
from ayx_diagnostics.rules import find

__all__ = ["Conclusions"]

#: What a finding says, beside its code, stage, severity and confidence.
_SAID = ("title", "because", "ruled_out", "fix")
#: Members that hold words of the format alone, by the part of a report that they are of.
_KEPT_OF_A_FINDING = frozenset({"code", "stage", "severity", "confidence", "docs"})
_KEPT_OF_A_CHECK = frozenset({"id", "stage", "status"})
_KEPT_OF_A_VERDICT = frozenset({"status", "stage", "code"})


class Conclusions:
    """What the rules make of anonymised observations; where that is less than they made of the real ones, free text.

    Args:
        observations: Anonymised ones.
        document: The report that they are of.
        fields: For members that another version of the format may have.
        texts: For sentences that cannot be made anew.
    """

    def __init__(
        self, observations: list[dict[str, Any]], document: Mapping[str, Any], fields: Fields, texts: Texts
    ) -> None:
        self._fields, self._texts = fields, texts
        seen = observations_of({"observations": observations})
        concluded = find(seen)
        self._said: dict[str, list[dict[str, Any]]] = {}
        for finding in concluded:
            self._said.setdefault(finding.code, []).append(finding_to_json(finding))
        skipped = {
            check["stage"]: texts.free(check["summary"]) for check in document["checks"] if check["status"] == "skip"
        }
        self._checks = {(check.id, check.status): check.summary for check in checks_of(seen, concluded, skipped)}

    def findings(self, findings: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """Return the same findings in the same order, in the words of the anonymised observations."""
        again = {code: iter(said) for code, said in self._said.items()}
        return [self._finding(finding, next(again.get(finding["code"], iter(())), None)) for finding in findings]

    def _finding(self, finding: Mapping[str, Any], again: Mapping[str, Any] | None) -> dict[str, Any]:
        said = again or {key: self._free(finding[key]) for key in _SAID}
        members = self._fields.members(finding, _KEPT_OF_A_FINDING | {*_SAID})
        return {**members, **{key: said[key] for key in _SAID}}

    def checks(self, checks: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """Return the same checks."""
        return [{**self._fields.members(check, _KEPT_OF_A_CHECK), **self._summary(check)} for check in checks]

    def _summary(self, check: Mapping[str, Any]) -> dict[str, str]:
        summary = self._checks.get((check["id"], check["status"]))
        return {"summary": summary or self._texts.free(check["summary"])}

    def verdict(self, verdict: Mapping[str, Any]) -> dict[str, Any]:
        """Return the same verdict; the sentence of one with a code is the title of its finding."""
        said = self._said.get(verdict["code"] or "")
        sentence = said[0]["title"] if said else self._texts.free(verdict["sentence"])
        return {**self._fields.members(verdict, _KEPT_OF_A_VERDICT), "sentence": sentence}

    def _free(self, value: Any) -> Any:
        if isinstance(value, str):
            return self._texts.free(value)
        if isinstance(value, Mapping):
            return {key: item if key == "owner" else self._free(item) for key, item in value.items()}
        return [self._free(item) for item in value]
