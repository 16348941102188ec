"""A report's JSON document, part by part, with stand-ins for everything that tells whose it is."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ayx_diagnostics.report.anonymise.conclusions import Conclusions
from ayx_diagnostics.report.anonymise.fields import Fields
from ayx_diagnostics.report.anonymise.names import Names
from ayx_diagnostics.report.anonymise.texts import Texts
from ayx_diagnostics.stand_ins import StandIns

__all__ = ["anonymise_report"]

_TARGET_URLS = ("given", "web_api_address", "token_url")
#: The operating system, its release as far as it is the maker's, and the processor.
_PLATFORM = re.compile(
    r"(?P<system>Linux|Windows|Darwin|\w{0,6}BSD|SunOS|AIX)(?: (?P<release>\d{1,4}(?:\.\d{1,3})?)?\S*)?"
    r"(?: (?P<machine>\w{1,10})?)?"
)
#: Members that hold words of the format alone.
_KEPT = frozenset({"schema_version", "started_at", "duration_s"})
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
    conclusions = Conclusions(observations, document, fields, texts)
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
