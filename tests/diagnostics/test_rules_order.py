"""Every rule has its place in the precedence of all, and one way to say what it concludes."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest
from ayx_diagnostics import rules
from ayx_diagnostics.model import STAGES
from ayx_diagnostics.rules import RULES

FOLDER = Path(rules.__file__).parent
SOURCES = {
    ".".join(path.relative_to(FOLDER).with_suffix("").parts): path.read_text(encoding="utf-8")
    for path in sorted(FOLDER.rglob("*.py"))
}
ORDERED = Counter(rule.name for stage in RULES.values() for rule in stage)


def declared(name: str, source: str) -> Iterator[str]:
    """Yield the rules of a module, and what looks like one: functions that others may call for a finding or a rule."""
    for node in ast.parse(source).body:
        if isinstance(node, ast.FunctionDef):
            decorated = any(ast.unparse(each).startswith("rule(") for each in node.decorator_list)
            returned = (
                set(ast.unparse(node.returns).replace("[", " ").replace("]", " ").split()) if node.returns else {}
            )
            if decorated or (not node.name.startswith("_") and {"Finding", "Rule"} & set(returned)):
                yield f"{name}.{node.name}"


DECLARED = {
    each for name, source in SOURCES.items() if name.partition(".")[0] in STAGES for each in declared(name, source)
}


def misplaced(declared: set[str], ordered: Counter[str]) -> list[str]:
    """Return what is wrong with the places of rules, and what to do."""
    forgotten = [
        f"{name} is never tried: decorate it with @rule and its codes, and name it in {name.partition('.')[0]!r} of "
        "diagnostics/ayx_diagnostics/rules/order.py; or begin its name with an underscore, if it is no rule"
        for name in sorted(declared - ordered.keys())
    ]
    twice = [f"{name} stands {count} times in rules/order.py: keep one" for name, count in ordered.items() if count > 1]
    return forgotten + twice + [f"{name} is in rules/order.py and no rule" for name in ordered.keys() - declared]


def test_every_rule_stands_in_the_order_exactly_once() -> None:
    assert misplaced(DECLARED, ORDERED) == []
    assert tuple(RULES) == STAGES


def test_what_to_do_with_a_forgotten_rule_is_said() -> None:
    forgotten, twice = misplaced({"tcp.a.new", "tcp.a.old"}, Counter({"tcp.a.old": 2}))
    assert forgotten.startswith("tcp.a.new is never tried: decorate it with @rule and its codes, and name it in 'tcp'")
    assert twice.startswith("tcp.a.old stands 2 times")


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("@rule('a.b')\ndef new(evidence): ...", ["tcp.a.new"]),
        ("@rule('a.b')\ndef _new(evidence): ...", ["tcp.a._new"]),
        ("def new(evidence) -> Finding | None: ...", ["tcp.a.new"]),
        ("def new(evidence) -> Iterator[Finding]: ...", ["tcp.a.new"]),
        ("def new(others) -> Rule: ...", ["tcp.a.new"]),
        ("def _part(evidence) -> Finding | None: ...", []),
        ("def evidence_of(evidence) -> Observation | None: ...", []),
    ],
)
def test_a_rule_is_known_by_its_declaration(source: str, names: list[str]) -> None:
    assert list(declared("tcp.a", source)) == names


def test_there_is_one_way_to_make_a_finding() -> None:
    """What findings about the same thing share is a Subject, not another function that makes findings."""
    made = [name for name, source in SOURCES.items() if "Finding" in called(source)]
    assert made == ["conclusion"]
    assert "Finding" in called("def f():\n    return Finding(code='a.b')")


def called(source: str) -> set[str]:
    return {ast.unparse(node.func) for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)}


def imported(source: str) -> set[str]:
    """Return the modules of rules that a module imports, as ``stage.module``."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(f"{rules.__name__}."):
            module = (node.module or "").removeprefix(f"{rules.__name__}.")
            found |= {module, *(f"{module}.{alias.name}" for alias in node.names)} & SOURCES.keys()
    return found


IMPORTED = {name: imported(source) for name, source in SOURCES.items()}
WITH_RULES = {name.rpartition(".")[0] for name in DECLARED}


def test_rules_are_tried_by_the_order_alone() -> None:
    """What rules share is evidence: it stands in a module without rules, which every stage may read."""
    assert {name: sideways for name in SOURCES if name != "order" and (sideways := IMPORTED[name] & WITH_RULES)} == {}
    assert IMPORTED["order"] >= WITH_RULES


def test_stages_share_evidence_one_way() -> None:
    stages: dict[str, set[str]] = {stage: set() for stage in STAGES}
    for name, others in IMPORTED.items():
        if (stage := name.partition(".")[0]) in stages:
            stages[stage] |= {other.partition(".")[0] for other in others}
    arrows = {stage: sorted((others & set(STAGES)) - {stage}) for stage, others in stages.items()}
    TopologicalSorter(arrows).prepare()  # raises where two stages read each other
    assert {stage: others for stage, others in arrows.items() if others} == {
        "local": ["tls"],  # a wrong clock is known by the dates of a certificate that it refuses
        "proxy": ["dns"],  # a proxy is needed where the name does not resolve
        "dns": ["local", "tls"],  # the address is somebody else's: so says the certificate shown there
        "tcp": ["local", "tls"],  # what never left this machine is not the network's; large packets are a handshake's
        "token": ["http"],
        "api": ["http"],
    }
