"""A report that can be shown to anybody: whose it is cannot be told from it, what is wrong can.

Names, addresses and paths become stand-ins (:mod:`ayx_diagnostics.stand_ins`), and of what others wrote, only words
stay that identify nobody. The conclusions are drawn again, from what is left, by the rules that drew them before: so a
sentence cannot hold more than the observations do, and whoever gets the report can judge it again.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from ayx_diagnostics.report.anonymise.fields import Fields
from ayx_diagnostics.report.anonymise.names import Names
from ayx_diagnostics.report.anonymise.texts import Texts
from ayx_diagnostics.report.checks import checks_of
from ayx_diagnostics.report.serialise import finding_to_json, observations_of
from ayx_diagnostics.rules import find
from ayx_diagnostics.stand_ins import StandIns

__all__ = ["anonymise_report"]

#: What a finding says, beside its code, stage, severity and confidence.
_SAID = ("title", "because", "ruled_out", "fix")
_TARGET_URLS = ("given", "web_api_address", "token_url")
#: The operating system, its release as far as it is the maker's, and the processor.
_PLATFORM = re.compile(
    r"(?P<system>Linux|Windows|Darwin|\w{0,6}BSD|SunOS|AIX)(?: (?P<release>\d{1,4}(?:\.\d{1,3})?)?\S*)?"
    r"(?: (?P<machine>\w{1,10})?)?"
)
#: Members that hold words of the format alone, by the part of a report that they are of.
_KEPT = frozenset({"schema_version", "started_at", "duration_s"})
_KEPT_OF_A_FINDING = frozenset({"code", "stage", "severity", "confidence", "docs"})
_KEPT_OF_A_CHECK = frozenset({"id", "stage", "status"})
_KEPT_OF_A_VERDICT = frozenset({"status", "stage", "code"})
_PARTS = frozenset({"tool", "target", "verdict", "findings", "checks", "observations"})


def anonymise_report(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return a report from which nobody can tell whose it is.

    The same thing has the same stand-in throughout. Codes, stages, outcomes, numbers and times stay, and so do this
    program's and Python's versions and the name and first two numbers of the operating system's.

    Args:
        document: A report's JSON document.
    """
    names = Names(StandIns())
    texts = Texts(names)
    fields = Fields(names, texts)
    for _ in range(2):  # what is learnt from a later observation is known in an earlier one's texts
        target = _target(document["target"], names, fields, texts)
        observations = [fields.observation(observation) for observation in document["observations"]]
    conclusions = _Conclusions(observations, document, fields, texts)
    others = fields.members({key: value for key, value in document.items() if key not in _PARTS}, _KEPT)
    return {
        **others,
        "tool": _tool(document["tool"]),
        "target": target,
        "verdict": conclusions.verdict(document["verdict"]),
        "findings": conclusions.findings(document["findings"]),
        "checks": conclusions.checks(document["checks"]),
        "observations": observations,
    }


def _tool(tool: Mapping[str, Any]) -> dict[str, Any]:
    """Return the program without what a company has called the kernel that it builds itself."""
    found = _PLATFORM.fullmatch(str(tool["platform"]))
    parts = (found["system"], found["release"], found["machine"]) if found else ()
    return {**tool, "platform": " ".join(part for part in parts if part)}


def _target(target: Mapping[str, Any], names: Names, fields: Fields, texts: Texts) -> dict[str, Any]:
    host = names.host(target["host"]) if target["host"] else ""
    urls = {key: names.url(target[key]) if target["host"] else texts.free(target[key]) for key in _TARGET_URLS}
    return {**fields.members(target, frozenset({"host", *_TARGET_URLS})), **urls, "host": host}


class _Conclusions:
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
