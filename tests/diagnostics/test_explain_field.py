"""``explain`` on errors that people pasted somewhere (``explained/field_*.jsonl``), from programs outside of the lab.

A row is one text: the codes that are right as the first answer (the likeliest first; none for a text of another trade),
the library whose words it is in, and where it was seen (``source: X`` is what X's sources say in those words). A third,
chosen by a hash of the text, was held back while the tables were written.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from ayx_diagnostics import catalogue
from ayx_diagnostics.explanation import understand
from ayx_diagnostics.explanation.circumstances import NAMED_LIBRARIES

Row = dict[str, Any]

FILES = sorted((Path(__file__).parent / "explained").glob("field_*.jsonl"))
ROWS: dict[str, list[Row]] = {
    path.stem: [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] for path in FILES
}
#: The share of its held-back texts that the first answer, and one of the first three, has to explain.
HELD_BACK: dict[str, tuple[float, float]] = {"field_others": (0.97, 0.98), "field_python": (0.91, 0.92)}

each_file = pytest.mark.parametrize("name", ROWS)


def codes(text: str) -> list[str]:
    return [match.code for match in understand(text).matches]


def related(rows: Iterable[Row], *, held_back: bool) -> list[Row]:
    return [row for row in rows if row["codes"] and row["held_back"] is held_back]


@each_file
def test_the_rows_are_whole(name: str) -> None:
    known = {entry.code for entry in catalogue.entries()}
    for row in ROWS[name]:
        assert set(row) == {"text", "library", "codes", "source", "held_back"}
        assert row["text"].strip()
        assert row["source"]
        assert set(row["codes"]) <= known
        assert row["library"] in {None, *NAMED_LIBRARIES}
    texts = [row["text"] for row in ROWS[name]]
    assert len(set(texts)) == len(texts)


@each_file
def test_what_a_text_means_comes_first(name: str) -> None:
    rows = related(ROWS[name], held_back=False)
    assert [
        (row["text"], answer) for row in rows if (answer := codes(row["text"])[:1]) and answer[0] not in row["codes"]
    ] == []
    assert [row["text"] for row in rows if not codes(row["text"])] == []


@each_file
def test_texts_that_were_held_back_are_explained_as_well(name: str) -> None:
    rows = related(ROWS[name], held_back=True)
    answers = [codes(row["text"]) for row in rows]
    first = sum(not set(row["codes"]).isdisjoint(answer[:1]) for row, answer in zip(rows, answers, strict=True))
    within = sum(not set(row["codes"]).isdisjoint(answer[:3]) for row, answer in zip(rows, answers, strict=True))
    least_first, least_within = HELD_BACK.get(name, (0.0, 0.0))
    assert first / len(rows) >= least_first
    assert within / len(rows) >= least_within


@each_file
def test_a_text_of_another_trade_is_no_match(name: str) -> None:
    unrelated = [row["text"] for row in ROWS[name] if not row["codes"]]
    assert unrelated
    assert [(text, answer) for text in unrelated if (answer := codes(text))] == []


@each_file
def test_no_library_is_named_that_did_not_write_the_text(name: str) -> None:
    found = [(row, understand(row["text"]).library) for row in ROWS[name] if row["codes"]]
    assert [(row["text"], library) for row, library in found if library not in (None, row["library"])] == []
    assert sum(library == row["library"] for row, library in found) / len(found) >= 0.95
