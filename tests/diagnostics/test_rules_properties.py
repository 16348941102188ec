"""What must hold for any observations: rules never raise, and every code they conclude is in the catalogue."""

from __future__ import annotations

import json
import string
from typing import Any

from ayx_diagnostics import catalogue
from ayx_diagnostics.model import Observation
from ayx_diagnostics.rules import RULES, find
from ayx_diagnostics.vocabulary.operations import OPERATIONS
from ayx_diagnostics.vocabulary.terms import ByName, ListOf, Record, Type, members
from fast import examples
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

#: What one operation may say, rules also meet from another: reports are edited, and older versions wrote other words.
OUTCOMES = sorted({word for operation in OPERATIONS.values() for word in operation.outcomes} | {"made_up"})
KEYS = sorted({key.name for operation in OPERATIONS.values() for key in operation.keys})
TEXTS = [
    *["swagger", "absolute", "other_sni", "A", "AAAA", "not_strict"],
    *["10.0.0.7", "fd00::7", "127.0.0.1", "0.0.0.0", "10.0.0.7:443", "http://p:3128", "https://h/webapi/oauth2/token"],
    *["/login", "HTTP/1.1", "2025-01-01T00:00:00+00:00", "Tue, 01 Jul 2025 10:00:00 GMT", "https://[bad", "{host}", ""],
    *["invalid_client", "error:", "nginx", "Microsoft-HTTPAPI/2.0", "Basic"],
]
NUMBERS = [0, 1, 2, 3, 4, 9, 10, 13, 18, 19, 20, 26, 40, 62, 64, 89, 112, 116, 200, 302, 400, 401, 404, 407, 503]
NAMES = ["httpx", "requests", "curl", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "HTTPS_PROXY", "https_proxy", "system"]
SCALARS: dict[str, st.SearchStrategy[Any]] = {
    "text": st.sampled_from(TEXTS) | st.text(alphabet=string.printable, max_size=6),
    "whole": st.sampled_from(NUMBERS),
    "number": st.sampled_from(NUMBERS) | st.floats(allow_nan=True),
    "flag": st.booleans(),
}
SCALARS["as_sent"] = st.one_of(*SCALARS.values())


def values(kind: Type, words: tuple[str, ...] = ()) -> st.SearchStrategy[Any]:
    """Return what a probe may write as a value of a type."""
    match kind:
        case ListOf():
            return st.lists(values(kind.item, words), max_size=3)
        case Record():
            members = {member.name: values(member.type, member.words) | st.none() for member in kind.members}
            return st.fixed_dictionaries({}, optional=members)
        case ByName():
            return st.dictionaries(st.sampled_from(NAMES), values(kind.value, words), max_size=3)
        case _:
            return st.sampled_from(words) if words else SCALARS[kind]


MEMBERS = {member.name for operation in OPERATIONS.values() for key in operation.keys for member in members(key.type)}
WORDS = {word for operation in OPERATIONS.values() for key in operation.keys for word in key.words}
#: Any JSON, of any shape.
ANYTHING: st.SearchStrategy[Any] = st.recursive(
    st.none() | SCALARS["as_sent"] | st.sampled_from(sorted(WORDS)),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(sorted(MEMBERS) + NAMES), inner, max_size=5)
    ),
    max_leaves=6,
)
EVIDENCE = {
    place: st.fixed_dictionaries(
        {}, optional={key.name: values(key.type, key.words) | st.none() for key in operation.keys}
    )
    for place, operation in OPERATIONS.items()
}


@st.composite
def observations(draw: st.DrawFn) -> Observation:
    """Draw what a probe may have seen, spoilt here and there."""
    place = draw(st.sampled_from(sorted(OPERATIONS)))
    operation = OPERATIONS[place]
    spoilt = draw(st.dictionaries(st.sampled_from(KEYS), ANYTHING, max_size=8))
    return Observation(
        operation.stage,
        operation.name,
        draw(st.sampled_from([*TEXTS, "server.lab.test", "GET /v3/users"])),
        0.0,
        draw(st.sampled_from([0.0, 0.001, 0.5, 1.1, 3.1, 15.0])),
        draw(st.sampled_from(sorted(operation.outcomes)) | st.sampled_from(OUTCOMES)),
        {**(draw(EVIDENCE[place]) if draw(st.booleans()) else {}), **spoilt},
    )


@settings(
    max_examples=examples(300), deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
@given(st.lists(observations(), max_size=8))
def test_rules_take_any_evidence_and_stay_within_the_catalogue(seen: list[Observation]) -> None:
    known = {entry.code for entry in catalogue.entries()}
    for finding in find(seen):
        assert finding.code in known
        assert finding.because, finding.code
        assert finding.fix, finding.code
        assert finding.title
        assert all(isinstance(sentence, str) for sentence in (*finding.because, *finding.ruled_out))


@settings(
    max_examples=examples(100), deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
@given(st.lists(observations(), max_size=6))
def test_errors_come_first_and_the_same_evidence_gives_the_same_findings(seen: list[Observation]) -> None:
    found = find(seen)
    severities = [finding.severity for finding in found]
    assert severities == sorted(severities, key=("error", "warning", "info").index)
    assert find(seen) == found


def test_every_rule_says_what_it_concludes_and_from_what() -> None:
    for rules in RULES.values():
        for rule in rules:
            said = (rule.conclude.__doc__ or "").strip()
            assert said.endswith("."), rule.conclude.__name__
            assert ":" in said or "from" in said, rule.conclude.__name__


def test_findings_of_a_report_survive_json() -> None:
    seen = Observation("tcp", "connect", "10.0.0.7:443", 0.0, 5.0, "timeout", {"address": "10.0.0.7", "port": 443})
    again = Observation(**json.loads(json.dumps({name: getattr(seen, name) for name in seen.__slots__})))
    assert find([again]) == find([seen])
