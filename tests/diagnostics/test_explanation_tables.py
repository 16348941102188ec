"""The tables of ``explain``: every row is reached by its own example, and names what exists."""

from __future__ import annotations

import re

import pytest
from ayx_connection.failures.signs import SIGNS, Sign
from ayx_diagnostics import catalogue
from ayx_diagnostics.explanation import explain, understand
from ayx_diagnostics.explanation.causes import REFINEMENTS, ranked
from ayx_diagnostics.explanation.circumstances import NAMED_LIBRARIES, Circumstances
from ayx_diagnostics.explanation.exception_chain import of_lines
from ayx_diagnostics.explanation.numbers import NUMBERS, symptom_of
from ayx_diagnostics.explanation.paste import plain_lines
from ayx_diagnostics.explanation.symptom_scanner import Scanner
from ayx_diagnostics.explanation.tables import (
    AMBIGUOUS,
    Way,
    Words,
    causes,
    circumstances,
    compiled,
    libraries,
    shares,
    ways,
    words,
)
from fast import examples
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

WORDS, WAYS = words(), ways()
CODES = {entry.code for entry in catalogue.entries()}
MARKS = {mark.name for mark in circumstances()}
#: Symptoms that only circumstances make of others.
REFINED = {refinement.becomes for refinement in REFINEMENTS}


def plain(text: str) -> str:
    return " ".join(text.lower().split())


def shown_in(text: str) -> set[str]:
    return {found.symptom for found in Scanner(text).occurrences_in(text)}


def codes(text: str) -> list[str]:
    return [match.code for match in explain(text)]


# One test for all rows: there are hundreds, and a failure names those that fail.
def test_the_example_of_words_shows_their_symptom() -> None:
    def lowered(row: Words) -> bool:
        return all(some and some == some.lower() for some in row.words)

    assert [row.words for row in WORDS if not lowered(row)] == [], "words are compared in lower case"
    silent = [row.example for row in WORDS if row.symptom not in shown_in(plain(row.example))]
    assert silent == [], "the words of these rows are not in their example, or say something else there"
    unknown = {row.library for row in WORDS if row.library} - {library.name for library in libraries()}
    assert unknown == set(), "they have no row in libraries.tsv"
    patterned = [row for row in WORDS if row.pattern]
    assert [row for row in patterned if not compiled(row.pattern).search(plain(row.example))] == []


def test_the_example_of_words_is_explained_by_a_cause_of_their_symptom() -> None:
    needs_its_stack = [row for row in WORDS if row.symptom == "ca bundle frames"]
    assert [row for row in WORDS if not is_explained(row)] == needs_its_stack


def is_explained(row: Words) -> bool:
    circumstances = Circumstances(of_lines(plain_lines(row.example))[0])
    symptoms = {row.symptom, *(one.becomes for one in REFINEMENTS if row.symptom in one.symptoms.split(","))}
    expected = {cause.code for symptom in symptoms for cause in ranked(symptom, circumstances)}
    answer = codes(row.example)
    # words that many failures share need more around them than an example has
    return answer[0] in expected if answer else row.level == AMBIGUOUS


@pytest.mark.parametrize("row", WAYS, ids=[row.example[:60] for row in WAYS])
def test_the_example_of_a_way_to_write_a_number_is_read(row: Way) -> None:
    text = plain(row.example)
    assert any(some in text for some in row.words)
    found = compiled(row.pattern).search(text)
    assert found
    symptom = symptom_of(row.kind, found[1])
    assert symptom is not None
    assert symptom in shown_in(text)
    assert codes(row.example)


def test_no_row_says_what_another_says_already() -> None:
    plain_words = [(row, some) for row in WORDS if not row.pattern for some in row.words]
    assert [
        (some, other)
        for row, some in plain_words
        for same, other in plain_words
        if other != some and other in some and (same.symptom, same.level) == (row.symptom, row.level)
    ] == []
    rows = [(cause.symptom, cause.code, cause.when, cause.unless) for found in causes().values() for cause in found]
    assert [row for row in rows if rows.count(row) > 1] == []


PATTERNED = [row for row in (*WORDS, *WAYS) if row.pattern and re.search(r"[|?\[]", row.pattern)]


@pytest.mark.parametrize("row", PATTERNED, ids=lambda row: row.pattern[:60])
@settings(
    max_examples=examples(12), derandomize=True, database=None, deadline=None, suppress_health_check=list(HealthCheck)
)
@given(st.data())
def test_whatever_a_pattern_fits_has_one_of_the_words_that_are_looked_for_first(
    row: Words | Way, data: st.DataObject
) -> None:
    text = data.draw(st.from_regex(row.pattern))
    assert any(some in text for some in row.words)


def test_every_symptom_has_causes_and_every_cause_a_way_to_it() -> None:
    shown = {row.symptom for row in WORDS} | set(NUMBERS.values()) | REFINED
    shown -= {"ca bundle frames", "http status"}
    with_causes = set(causes())
    assert {symptom for symptom in shown if symptom not in with_causes and not symptom.startswith("tunnel ")} == set()
    numbered = re.compile(r"(?:status|tunnel) \dxx|(?:status|tunnel) \d{3}")
    assert {symptom for symptom in with_causes if symptom not in shown and not numbered.fullmatch(symptom)} == set()


def test_causes_name_codes_and_circumstances_that_exist() -> None:
    rows = [cause for found in causes().values() for cause in found]
    assert {cause.code for cause in rows} <= CODES
    assert {name for cause in rows for name in cause.when | cause.unless} <= MARKS
    assert {name for refinement in REFINEMENTS for name in refinement.when.split(",")} <= MARKS
    assert all(0 < cause.weight < 100 for cause in rows)
    assert all(cause.why and not cause.why.endswith(".") for cause in rows)


def test_shared_causes_are_those_of_other_symptoms_and_weigh_less_than_the_best_of_its_own() -> None:
    for symptom, rows in shares().items():
        best = max(cause.weight for cause in causes()[symptom])
        assert {share.of for share in rows} <= causes().keys() - {symptom}
        assert all(cause.weight * share.per_cent // 100 < best for share in rows for cause in causes()[share.of])
        assert {name for share in rows for name in share.unless} <= MARKS
        own = {cause.code for cause in causes()[symptom] if not cause.when and not cause.unless}
        assert [share for share in rows if own >= {cause.code for cause in causes()[share.of]}] == []


def test_every_circumstance_matters_to_something() -> None:
    used = {name for rows in causes().values() for cause in rows for name in cause.when | cause.unless}
    used |= {name for rows in shares().values() for share in rows for name in share.unless}
    used |= {name for row in REFINEMENTS for name in f"{row.when},{row.unless}".split(",")}
    assert MARKS - used == set()


def test_every_named_library_has_marks() -> None:
    assert {mark.name for mark in libraries()} >= NAMED_LIBRARIES


def test_all_patterns_are_for_plain_text() -> None:
    patterns = [row.pattern for row in (*WORDS, *WAYS, *circumstances(), *libraries()) if row.pattern]
    for pattern in patterns:
        assert not re.search(r"(?<!\\)[A-Z]", re.sub(r"\\[A-Z]", "", pattern)), pattern


#: Texts in which a token of the connection layer's table stands, by the token's kind.
AS_TEXT = {
    "certificate": "certificate verify failed, verify error:num={number}:",
    "openssl": "ssl.SSLError: [SSL: {name}] {words} (_ssl.c:1006)",
    "connect_status": "OSError: Tunnel connection failed: {status} Reason",
    "token_status": "{status} Client Error for url: https://ayx/webapi/oauth2/token (status code {status})",
    "token_error": '400 Bad Request {{"error":"{name}"}}',
    "status": "httpx.HTTPStatusError: Client error '{status} Reason' for url 'https://ayx/webapi/v3/workflows'",
}
PROVEN = [sign for sign in SIGNS if sign.code is not None and sign.kind in AS_TEXT]


@pytest.mark.parametrize("sign", PROVEN, ids=[f"{sign.kind} {sign.name}" for sign in PROVEN])
def test_what_the_connection_layer_is_certain_of_comes_first(sign: Sign) -> None:
    number = next(iter(sign.numbers.values()), (0,))[0]
    if sign.kind == "certificate" and not 0 < number < 1000:
        template = "certificate verify failed: (OSStatus {number})" if number < 0 else "schannel: 0x{number:08X}"
    else:
        template = AS_TEXT[sign.kind]
    status = sign.name.replace("3xx", "302").replace("xx", "00")
    words = sign.name.lower().replace("_", " ")
    answer = codes(template.format(name=sign.name, words=words, status=status, number=number))
    if sign.name == "2xx":
        assert answer == []  # a success is no error: what is in it decides
    else:
        assert answer[0] == sign.code


def test_an_error_of_the_toolkit_itself_says_its_code() -> None:
    text = "no answer from ayx:443: failed in the TLS handshake: … [tls.cert_expired]: run `ayxctl diagnose`"
    (match,) = explain(text)
    assert (match.code, match.confidence) == ("tls.cert_expired", "certain")


# Nothing is timed here (tests/benchmarks does that); a pattern that backtracks would hang on these.
@pytest.mark.parametrize(
    "part",
    [
        *("a", " ", "\n", "(", "[errno ", "0x", "error(", "connect ", "socket ", "\x1b[", "&#", "> ", "\\n", "\t"),
        *("Traceback (most recent call last):\n", "Caused by: ", " ---> x", 'File "', "http/1.1 ", "status ", "curl "),
        *("<title>", "hostname ", "failed to parse: ", "status line", "[ssl: ", "error:0a", "verify ", "osstatus "),
        "for url '",
    ],
)
def test_hostile_repetition_is_read_to_its_end(part: str) -> None:
    understand(part * (100_000 // len(part)))
