"""The same error means the same, however it was handed on: by a terminal, a log, a page, a mail or another program."""

from __future__ import annotations

import io
import re
import traceback
from functools import cache
from pathlib import Path

import pytest
from ayx_diagnostics.explanation import understand
from ayx_diagnostics.explanation.encodings import decoded
from dresses import DRESSES
from fast import examples
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rich.console import Console
from rich.traceback import Traceback

FOLDER = Path(__file__).parent / "explained"


def errors(name: str) -> list[tuple[str, str, str]]:
    """Return the first code, the name and the text of each error of a file."""
    parts = re.split(r"(?m)^%% (\S+) %% (.+)\n", (FOLDER / name).read_text(encoding="utf-8"))[1:]
    return list(zip(parts[::3], parts[1::3], parts[2::3], strict=True))


ERRORS = errors("inner.txt")
PRINTED = errors("printed.txt")
ONE_LINE = [row for row in ERRORS if row[2].count("\n") == 1]


def read(text: str) -> tuple[list[str], str | None]:
    found = understand(text)
    return [match.code for match in found.matches], found.library


@pytest.mark.parametrize(("code", "name", "text"), ERRORS + PRINTED, ids=[row[1] for row in ERRORS + PRINTED])
def test_the_bare_error_means_its_code(code: str, name: str, text: str) -> None:
    codes, library = read(text)
    assert codes[:1] == [code]
    if library is not None:
        assert library in name.lower().replace(".net", "dotnet")


@cache
def meanings() -> dict[str, tuple[list[str], str | None]]:
    return {name: read(text) for _, name, text in ERRORS}


@pytest.mark.parametrize("dress", DRESSES)
def test_a_dress_changes_nothing(dress: str) -> None:
    differing = {name: read(DRESSES[dress](text)) for _, name, text in ERRORS}
    assert differing == meanings()


@settings(max_examples=examples(60), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(ONE_LINE), st.integers(60, 200))
def test_the_edge_of_any_screen_changes_nothing(row: tuple[str, str, str], width: int) -> None:
    text = f"{'python fetch.py'.ljust(width - 1, '.')}\n{row[2]}"
    cut = "\n".join(line[at : at + width] for line in text.splitlines() for at in range(0, len(line), width))
    if cut.count("\n") > text.count("\n") + 1:  # of a single cut line, only a usual width tells that it was cut
        assert read(cut) == read(text)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252", "cp850"])
def test_bytes_are_read_as_programs_write_them(encoding: str) -> None:
    for code, _, text in ERRORS:
        raw = text.encode(encoding, "replace")
        assert read(decoded(raw))[0][:1] == [code]


@pytest.mark.parametrize("encoding", ["shift_jis", "gbk", "cp1251"])
def test_numbers_survive_what_cannot_be_decoded(encoding: str) -> None:
    words = {
        "shift_jis": "対象のコンピューターによって拒否",
        "gbk": "由于目标计算机积极拒绝",
        "cp1251": "отверг запрос",
    }
    text = f"urllib.error.URLError: <urlopen error [WinError 10061] {words[encoding]}>"
    assert read(decoded(text.encode(encoding)))[0][0] == "tcp.refused_by_host"


@pytest.mark.parametrize(("width", "with_locals"), [(60, False), (80, True), (200, False)])
def test_a_traceback_that_rich_prints_means_what_pythons_own_means(width: int, with_locals: bool) -> None:
    import requests

    try:
        requests.get("http://127.0.0.1:1/webapi/oauth2/token", proxies={"http": "", "https": ""}, timeout=2)
    except requests.ConnectionError as error:
        screen = io.StringIO()
        printed = Traceback.from_exception(
            type(error), error, error.__traceback__, show_locals=with_locals, width=width
        )
        Console(file=screen, width=width, force_terminal=True, color_system="truecolor").print(printed)
        plain = "".join(traceback.format_exception(error))
    assert read(screen.getvalue()) == read(plain)
    assert read(plain)[0][0] == "tcp.refused_localhost"
