from __future__ import annotations

import string
import subprocess
import sys

import pytest
from ayx_diagnostics import catalogue
from ayx_diagnostics.catalogue import PLACEHOLDERS, entries, entry, page
from ayx_diagnostics.model import STAGES

ALL = entries()


def test_codes_are_stage_and_reason_in_the_order_of_the_stages() -> None:
    codes = [found.code for found in ALL]
    assert len(codes) == len(set(codes))
    assert [STAGES.index(found.stage) for found in ALL] == sorted(STAGES.index(found.stage) for found in ALL)
    assert all(set(code) <= set(string.ascii_lowercase + string.digits + "_.") for code in codes)


@pytest.mark.parametrize("found", ALL, ids=[found.code for found in ALL])
def test_an_entry_is_complete(found: catalogue.Entry) -> None:
    named = {name for _, name, _, _ in string.Formatter().parse(found.title) if name is not None}
    assert named <= set(PLACEHOLDERS)
    assert not found.title.endswith(".")
    assert found.severity in ("error", "warning", "info")
    assert found.meaning.count(".") >= 2
    assert found.evidence.endswith(".")
    assert found.causes
    assert found.reproduce
    assert found.fix
    assert {step.owner for step in found.fix} <= {"you", "network", "server"}
    assert all(step.step for step in found.fix)
    assert {other.code for other in ALL} >= set(found.see_also)
    assert found.code not in found.see_also


@pytest.mark.parametrize("found", ALL, ids=[found.code for found in ALL])
def test_a_page_shows_everything_and_fits_a_terminal(found: catalogue.Entry) -> None:
    shown = page(found.code)
    assert shown.startswith(f"# {found.code}\n")
    assert "{" not in shown.split("\n")[2]
    assert all(len(line) <= 100 for line in shown.splitlines() if " " in line.strip("- "))
    words = " ".join(shown.split())
    assert " ".join(found.meaning.split()) in words
    assert all(f"{step.owner}:" in words for step in found.fix)


def test_a_title_names_the_case_and_falls_back_on_words() -> None:
    found = entry("tcp.syn_dropped")
    assert found.title_for({"address": "10.0.0.7:443"}) == "a firewall drops connections to 10.0.0.7:443"
    assert found.title_for({}) == "a firewall drops connections to the Server's address"


@pytest.mark.parametrize(
    "code", ["", "tcp", "tcp.", "tcp.no_such", "nothing.at_all", "../tcp.syn_dropped", "syn_dropped"]
)
def test_an_unknown_code_is_a_key_error(code: str) -> None:
    with pytest.raises(KeyError):
        entry(code)


def test_importing_the_catalogue_reads_nothing() -> None:
    program = (
        "import pathlib, ayx_diagnostics.catalogue as c\n"
        "assert c._stage.cache_info().currsize == 0\n"
        "c.entry('dns.nxdomain')\n"
        "assert c._stage.cache_info().currsize == 1\n"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
