"""The vocabulary is what probes write and rules read: all of it, and nothing else."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import fields, replace
from functools import cache
from pathlib import Path
from typing import Any, get_args

import ayx_diagnostics
import pytest
from ayx_connection.settings import SettingProblem
from ayx_diagnostics.model import STAGES, Observation
from ayx_diagnostics.report.serialise import observations_of
from ayx_diagnostics.vocabulary import SOCKET_OUTCOMES, keys
from ayx_diagnostics.vocabulary.check import departures
from ayx_diagnostics.vocabulary.operations import OPERATIONS
from ayx_diagnostics.vocabulary.terms import ByName, Key, ListOf, Record, members

ROOM = Path(ayx_diagnostics.__file__).parent
REPORTS = sorted(path for name in ("goldens", "recorded") for path in (Path(__file__).parent / name).glob("*.json"))
#: What of the room observes nothing: it reads what was observed, or speaks of it.
READERS = ("catalogue", "command_line", "evidence", "explanation", "report", "rules", "vocabulary")
#: Keys that a probe puts together.
PUT_TOGETHER = ("swagger_title", "swagger_version")
#: Words that rules still know, and that no probe writes any more.
NO_LONGER_WRITTEN = {
    "purpose": {"absolute", "doubled", "other_sni"},
    "phase": {"connect"},
}


@cache
def recorded() -> tuple[Observation, ...]:
    return tuple(seen for path in REPORTS for seen in observations_of(json.loads(path.read_text(encoding="utf-8"))))


@cache
def written() -> frozenset[str]:
    """Return every word in the source of what observes."""
    found = {*SOCKET_OUTCOMES.values(), "other_error", *PUT_TOGETHER, *(field.name for field in fields(SettingProblem))}
    for path in ROOM.rglob("*.py"):
        if path.relative_to(ROOM).parts[0] not in READERS:
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    found.add(node.value)
    return frozenset(found)


def test_every_saved_report_says_only_what_the_vocabulary_has_words_for() -> None:
    assert len(recorded()) > 2000
    assert sorted({sentence for seen in recorded() for sentence in departures(seen)}) == []


def lines(key: Key, place: str) -> Iterator[tuple[str, str]]:
    """Yield each line of the vocabulary that a key takes: its place, and the word that has to be written somewhere."""
    yield place, key.name
    yield from ((f"{place} {word!r}", word) for word in key.words)
    for member in members(key.type):
        yield from lines(member, f"{place}.{member.name}")


def recorded_lines(value: Any, place: str) -> Iterator[str]:
    """Yield the places that are there in a piece of evidence, as ``lines`` calls them."""
    yield place
    if isinstance(value, str):
        yield f"{place} {value!r}"
    elif isinstance(value, dict):
        for name, item in value.items():
            yield from recorded_lines(item, f"{place}.{name}")
            yield from recorded_lines(item, place)
    elif isinstance(value, list):
        for item in value:
            yield from recorded_lines(item, place)


def test_no_line_of_the_vocabulary_is_unused() -> None:
    seen = {
        line for each in recorded() for line in recorded_lines(dict(each.evidence), f"{each.stage}.{each.operation}")
    }
    seen |= {f"{each.stage}.{each.operation} ends {each.outcome}" for each in recorded()}
    unused = []
    for (stage, name), operation in OPERATIONS.items():
        place = f"{stage}.{name}"
        here = [(place, name), *((f"{place} ends {word}", word) for word in operation.outcomes)]
        here += [line for key in operation.keys for line in lines(key, f"{place}.{key.name}")]
        unused += [line for line, word in here if line not in seen and word not in written()]
    assert unused == []


def test_every_operation_is_of_a_stage_and_says_what_it_is() -> None:
    assert {stage for stage, _ in OPERATIONS} == set(STAGES)
    for operation in OPERATIONS.values():
        names = [key.name for key in operation.keys]
        assert len(names) == len(set(names)), operation.name
        assert operation.meaning.endswith((".", "?")), operation.name
        assert "" not in (operation.target, *operation.outcomes)
        for each in [each for key in operation.keys for each in (key, *members(key.type))]:
            suffix = each.name.rpartition("_")[2]
            assert suffix not in ("s", "ms") or each.unit == suffix, f"{operation.name}: {each.name}"


# --- the names that the type checker knows ----------------------------------------------------------------------------

#: A list of names -> the types of the keys whose names stand in it.
LISTED: dict[str, tuple[Any, ...]] = {
    "TextKey": ("text",),
    "WholeKey": ("whole",),
    "NumberKey": ("number",),
    "FlagKey": ("flag",),
    "TextsKey": (ListOf("text"),),
    "MappingKey": (Record, ByName),
    "MappingsKey": (ListOf,),
}


@pytest.mark.parametrize("name", LISTED)
def test_each_list_of_names_has_those_of_the_vocabulary(name: str) -> None:
    found, kinds = set(get_args(getattr(keys, name))), LISTED[name]
    every = [key for operation in OPERATIONS.values() for key in operation.keys]
    records = name == "MappingsKey"
    wanted = {
        key.name
        for key in every
        if key.type in kinds
        or (isinstance(key.type, Record | ByName) and type(key.type) in kinds)
        or (records and isinstance(key.type, ListOf) and isinstance(key.type.item, Record))
    }
    as_sent = {key.name for key in every if key.type == "as_sent"}
    assert found - as_sent == wanted - as_sent, f"vocabulary/keys.py: {name}"


def test_the_other_lists_of_names_are_those_of_the_vocabulary() -> None:
    every = [key for operation in OPERATIONS.values() for key in operation.keys]
    whole = {member.name for key in every for member in members(key.type) if member.type == "whole"}
    assert set(get_args(keys.WholeMember)) == whole
    assert set(get_args(keys.OperationName)) == {name for _, name in OPERATIONS}
    as_sent = {key.name for key in every if key.type == "as_sent"}
    assert as_sent <= {*get_args(keys.TextKey), *get_args(keys.NumberKey)}


# --- what readers ask for ---------------------------------------------------------------------------------------------

EVERY_KEY = {key.name: key for operation in OPERATIONS.values() for key in operation.keys}
EVERY_OUTCOME = {word for operation in OPERATIONS.values() for word in operation.outcomes}


def words_of(name: str) -> set[str]:
    """Return the words that a key may have in any operation; none if it may have any."""
    every = [key for operation in OPERATIONS.values() for key in operation.keys if key.name == name]
    found = {word for key in every for word in key.words} | NO_LONGER_WRITTEN.get(name, set())
    return found | {""} if all(key.words for key in every) else set()


class Asked(ast.NodeVisitor):
    """Collects what a module asks observations for, and the vocabulary does not have."""

    def __init__(self, source: str) -> None:
        self.unknown: list[str] = []
        tree = ast.parse(source)
        self._named = {
            target.id: node.value
            for node in tree.body
            if isinstance(node, ast.Assign)
            for target in node.targets
            if isinstance(target, ast.Name)
        }
        self.visit(tree)

    def visit_Call(self, node: ast.Call) -> None:
        self.generic_visit(node)
        if isinstance(node.func, ast.Attribute) and node.func.attr in ("all", "first", "last", "ok"):
            self._query(node)
        if (key := self._key(node)) is not None and key not in EVERY_KEY:
            self._unknown(node, f"key {key!r}")

    def visit_Subscript(self, node: ast.Subscript) -> None:
        self.generic_visit(node)
        if (key := self._key(node)) is not None and key not in EVERY_KEY:
            self._unknown(node, f"key {key!r}")

    def visit_Compare(self, node: ast.Compare) -> None:
        self.generic_visit(node)
        if isinstance(node.left, ast.Attribute) and node.left.attr == "outcome":
            known, what = EVERY_OUTCOME, "outcome"
        elif key := self._key(node.left):
            known, what = words_of(key), key
        else:
            return
        for word in self._constants(node.comparators[0]):
            if known and word not in known:
                self._unknown(node, f"{what} {word!r}")

    def _query(self, node: ast.Call) -> None:
        place = tuple(each.value for each in node.args if isinstance(each, ast.Constant))
        if len(place) != 2 or place[0] not in STAGES:
            return
        operation = OPERATIONS.get((str(place[0]), str(place[1])))
        if operation is None:
            self._unknown(node, f"operation {place}")
            return
        known = {
            "outcome": set(operation.outcomes),
            "purpose": {*operation.purposes, *NO_LONGER_WRITTEN["purpose"]},
        }
        for named in node.keywords:
            if named.arg and named.arg != "outcome" and named.arg not in {key.name for key in operation.keys}:
                self._unknown(node, f"key {named.arg!r} of {place}")
            for word in self._constants(named.value):
                if named.arg in known and word not in known[named.arg]:
                    self._unknown(node, f"{named.arg} {word!r} of {place}")

    @staticmethod
    def _key(node: ast.AST) -> str | None:
        """Return the key that an expression reads from the evidence."""
        match node:
            case ast.Call(
                func=ast.Attribute(value=ast.Attribute(attr="evidence"), attr="get"), args=[ast.Constant(str(key)), *_]
            ):
                return key
            case ast.Subscript(value=ast.Attribute(attr="evidence"), slice=ast.Constant(str(key))):
                return key
            case ast.Call(func=ast.Name(id="text"), args=[_, ast.Constant(str(key))]):
                return key
        return None

    def _constants(self, node: ast.AST) -> list[str]:
        """Return the texts that an expression is put together from, a constant of the module included."""
        node = self._named.get(node.id, node) if isinstance(node, ast.Name) else node
        if isinstance(node, ast.Dict):
            return [key.value for key in node.keys if isinstance(key, ast.Constant)]
        return [each.value for each in ast.walk(node) if isinstance(each, ast.Constant) and isinstance(each.value, str)]

    def _unknown(self, node: ast.expr, what: str) -> None:
        self.unknown.append(f"line {node.lineno}: {what}")


def test_nothing_is_asked_for_that_the_vocabulary_has_no_word_for() -> None:
    paths = [path for path in ROOM.rglob("*.py") if "vocabulary" not in path.parts]
    found = {str(path.relative_to(ROOM)): Asked(path.read_text(encoding="utf-8")).unknown for path in paths}
    assert {name: unknown for name, unknown in found.items() if unknown} == {}


@pytest.mark.parametrize(
    ("source", "what"),
    [
        ("seen.evidence.get('adress')", "key 'adress'"),
        ("seen.evidence['adress']", "key 'adress'"),
        ("seen.outcome == 'timedout'", "outcome 'timedout'"),
        ("seen.outcome not in ('timeout', 'rst')", "outcome 'rst'"),
        ("_ENDED = frozenset({'fin'})\nseen.outcome in _ENDED", "outcome 'fin'"),
        ("text(seen, 'purpose') in ('swagger', 'galery')", "purpose 'galery'"),
        ("seen.evidence.get('style') == 'digest'", "style 'digest'"),
        ("evidence.all('tcp', 'query')", "operation ('tcp', 'query')"),
        ("evidence.first('tcp', 'connect', outcome='servfail')", "outcome 'servfail' of ('tcp', 'connect')"),
        ("evidence.last('dns', 'query', purpose='no_sni')", "purpose 'no_sni' of ('dns', 'query')"),
        ("evidence.all('dns', 'query', candidate=True)", "key 'candidate' of ('dns', 'query')"),
    ],
)
def test_a_word_that_nobody_writes_is_found(source: str, what: str) -> None:
    assert [each.partition(": ")[2] for each in Asked(source).unknown] == [what]


# --- what probes write ------------------------------------------------------------------------------------------------


def observed(evidence: dict[str, Any], outcome: str = "ok", what: str = "tcp.connect") -> Observation:
    stage, _, operation = what.partition(".")
    return Observation(stage, operation, "10.0.0.7:443", 0.0, 0.1, outcome, evidence)  # type: ignore[arg-type]  # by name


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        (observed({"port": 443, "rtt_ms": 1, "icmp": None, "tcp_info": {"state": "CLOSE"}}), []),
        (observed({"cnames": [["a", "b"]], "purpose": "address"}, what="dns.query"), []),
        (observed({"expires_in": "3600", "error": 7, "alerts": ({"number": 1},)}, what="token.request"), []),
        (observed({}, what="tcp.conect"), ["tcp.conect is no operation of the vocabulary"]),
        (observed({}, "slow"), ["tcp.connect has no outcome 'slow'"]),
        (observed({"adress": "10.0.0.7"}), ["tcp.connect has no key 'adress'"]),
        (observed({"port": "443"}), ["tcp.connect.port is str, not whole"]),
        (observed({"port": True}), ["tcp.connect.port is bool, not whole"]),
        (observed({"immediate": 1}), ["tcp.connect.immediate is int, not flag"]),
        (observed({"icmp": []}), ["tcp.connect.icmp is list, not Record"]),
        (observed({"icmp": {"sender": "x"}}), ["tcp.connect.icmp has no key 'sender'"]),
        (observed({"icmp": {"origin": "tcp"}}), ["tcp.connect.icmp.origin may not be 'tcp'"]),
        (observed({"cnames": ["a"]}, what="dns.query"), ["dns.query.cnames[] is str, not ListOf"]),
        (observed({"addresses": [None]}, what="dns.query"), ["dns.query.addresses[] is NoneType, not text"]),
        (observed({"purpose": "for fun"}, what="dns.query"), ["dns.query.purpose may not be 'for fun'"]),
        (
            observed({"stores": {"certifi": "good"}}, what="tls.trust"),
            ["tls.trust.stores['certifi'] may not be 'good'"],
        ),
    ],
)
def test_what_the_vocabulary_has_no_words_for_is_told(seen: Observation, expected: list[str]) -> None:
    assert departures(seen) == expected


MAKE = "Observation('tcp', 'connect', 'x', 0.0, 0.0, 'ok', {'adress': 'x'})"
NO_KEY, NO_OUTCOME = "tcp.connect has no key 'adress'", "tcp.connect has no outcome 'slow'"


@pytest.mark.parametrize(
    ("module", "source", "told"),
    [
        ("ayx_diagnostics.probes.tcp", MAKE, [NO_KEY]),
        ("ayx_diagnostics.probes.tcp", f"replace({MAKE}, outcome='slow')", [NO_KEY, NO_OUTCOME, NO_KEY]),
        ("ayx_diagnostics.report.serialise", MAKE, []),
        ("test_rules", MAKE, []),
    ],
)
def test_a_probe_that_writes_another_word_fails_its_test(
    unknown_words: list[str], module: str, source: str, told: list[str]
) -> None:
    exec(source, {"__name__": module, "Observation": Observation, "replace": replace})
    assert unknown_words == told
    unknown_words.clear()


def test_no_diagnosis_depends_on_it() -> None:
    loads = "import sys, ayx_diagnostics.rules, ayx_diagnostics.diagnosis, ayx_diagnostics.probes.trust"
    program = f"{loads}; sys.exit(str([name for name in sys.modules if 'vocabulary.terms' in name] or ''))"
    assert subprocess.run([sys.executable, "-c", program], check=False, capture_output=True).stderr.strip() == b""
