"""Whatever was done to a saved report, its readers answer or say in one line what is wrong with it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from ayx_diagnostics.replay import replay
from ayx_diagnostics.report.network_request import NotTheNetwork, Request, prepare, render
from ayx_diagnostics.report.serialise import ReportError, observations_from
from ayx_diagnostics.report.shape import CONCLUSIONS, OBSERVED, departure
from fast import examples
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

GOLDENS = Path(__file__).parent / "goldens"
REPORTS = {
    name: (GOLDENS / f"{name}.json").read_text(encoding="utf-8")
    for name in (
        "syn-dropped-at-router-2",
        "the-proxy-fails-denied",
        "the-nameserver-refuses-us",
        "the-clienthello-is-dropped-by-router-1",
        "healthy-direct",
    )
}
LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
VALUES = st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner))


def places(value: Any) -> list[tuple[Any, Any]]:
    """Return every (container, key) of a JSON value."""
    keys = list(value) if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    found = [(value, key) for key in keys]
    for key in keys:
        found += places(value[key])
    return found


@st.composite
def edited_reports(draw: st.DrawFn) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(REPORTS[draw(st.sampled_from(sorted(REPORTS)))])
    for _ in range(draw(st.integers(1, 3))):
        container, key = draw(st.sampled_from(places(document)))
        if isinstance(container, dict) and key in container and draw(st.booleans()):
            del container[key]
        elif isinstance(container, dict) or key < len(container):
            container[key] = draw(VALUES)
    return document


@settings(deadline=None, max_examples=examples(150), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(document=edited_reports())
def test_edited_report_is_read_or_refused_in_one_line(tmp_path: Path, document: dict[str, Any]) -> None:
    path = tmp_path / "edited.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    for read in (lambda: replay(path), lambda: prepare(observations_from(path, conclusions=True)[0])):
        refused, result = "", None
        try:
            result = read()
        except (ReportError, NotTheNetwork) as answer:
            refused = str(answer)
        assert (result is None) == bool(refused)
        assert refused.isprintable()
        if isinstance(result, Request):
            assert render(result, "text").startswith("Subject: ")
            assert render(result, "markdown").startswith("# ")


@given(value=VALUES)
def test_departure_names_a_place_in_everything_that_is_no_report(value: object) -> None:
    assert departure(value, OBSERVED)
    assert departure(value, CONCLUSIONS)


@pytest.mark.parametrize("name", sorted(REPORTS))
def test_real_reports_have_the_shape(name: str) -> None:
    document = json.loads(REPORTS[name])
    assert departure(document, OBSERVED) is None
    assert departure(document, CONCLUSIONS) is None
