"""A fault is one object: its name, its place and what it does there; nothing else has to know of it."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import ayx_simulator as package
import httpx
import pytest
from ayx_simulator import FAULTS, Fault, Simulator, run
from ayx_simulator.faults.table import markdown
from ayx_simulator.server import places
from ayx_simulator.server.http_errors import json_response
from ayx_simulator.server.switches import Place

SERVER = Path(package.__file__ or "").parent / "server"
PLACES = {name: place for name, place in vars(places).items() if isinstance(place, Place)}


@pytest.fixture
def teapot(monkeypatch: pytest.MonkeyPatch) -> Fault[Any, Any]:
    made = Fault(
        "http.teapot",
        "Everything is a teapot.",
        places.RESOURCE,
        lambda request, status: json_response({"message": f"{request.path} is short and stout"}, int(status)),
        "418",
        ("418", "419"),
    )
    monkeypatch.setitem(FAULTS, made.name, made)
    return made


def test_a_new_fault_works_in_the_running_server(
    ayx_simulator: Simulator, api: httpx.Client, teapot: Fault[Any, Any]
) -> None:
    ayx_simulator.faults.set(teapot.name, 419, times=1)
    assert ayx_simulator.faults.active == {"http.teapot": "419"}
    answer = api.get("/v3/workflows")
    assert (answer.status_code, answer.json()) == (419, {"message": "/webapi/v3/workflows is short and stout"})
    assert api.get("/v3/workflows").status_code == 200
    with ayx_simulator.faults.injected(teapot.name, path="/v3/users"):
        assert [api.get(path).status_code for path in ("/v3/users", "/v3/workflows")] == [418, 200]


@pytest.mark.usefixtures("teapot")
def test_a_new_fault_is_on_both_lists(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--list-faults"]) == 0
    assert capsys.readouterr().out.splitlines()[-1].split("  ", 1)[0] == "http.teapot [418|419]"
    *_, last = markdown()
    assert last == "| `http.teapot` | 418, 419 (418) | the resources of the API | Everything is a teapot. |"


@pytest.mark.usefixtures("teapot")
def test_the_command_line_takes_a_new_fault(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--fault", "http.teapot=500"]) == 2
    assert "http.teapot takes 418 or 419, not '500'" in capsys.readouterr().err


def test_a_fault_without_behaviour_cannot_be_declared() -> None:
    with pytest.raises(TypeError, match="'place' and 'act'"):
        Fault("http.nothing", "Nothing happens.")


def test_every_fault_acts_at_a_place_that_the_server_comes_by() -> None:
    asked: Counter[str] = Counter()
    for path in SERVER.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in ("self._faults.change", "self._faults.instead"):
                asked[ast.unparse(node.args[0])] += 1
    assert asked == Counter(PLACES.keys())
    assert {id(fault.place) for fault in FAULTS.values()} <= {id(place) for place in PLACES.values()}
    assert len({place.meaning for place in PLACES.values()}) == len(PLACES)


@pytest.mark.parametrize(
    ("place", "order"),
    [
        (
            places.ARRIVAL,
            [
                *("http.read_timeout", "http.no_response_fin", "http.reset_after_request"),
                *("http.gateway_5xx", "http.maintenance", "http.rate_limited"),
                *("http.block_page", "http.redirect_to_login", "http.redirect_loop"),
                *("http.html_instead_of_json", "api.not_alteryx", "api.host_not_allowed"),
            ],
        ),
        (
            places.TOKEN_ENDPOINT,
            [
                *("token.not_found", "token.timeout", "token.method_changed_by_redirect", "token.forbidden"),
                *("token.throttled", "token.server_error", "token.not_json"),
            ],
        ),
        (places.RESOURCE, ["api.server_error", "api.not_found"]),
        (places.ROLE, ["api.unauthorized", "api.role_insufficient"]),
        (places.BODY, ["http.body_cut", "http.body_stall"]),
    ],
)
def test_of_two_faults_at_one_place_the_nearer_one_acts(place: Place[Any, Any], order: list[str]) -> None:
    there = {name for name, fault in FAULTS.items() if fault.place is place}
    assert there == set(order), "put it into the list of its place, where its `precedence` has it"
    assert sorted(order, key=lambda name: (FAULTS[name].precedence, list(FAULTS).index(name))) == order


def test_every_fault_is_switched_on_by_a_test() -> None:
    tests = Path(__file__).parents[2]
    texts = [path.read_text(encoding="utf-8") for path in tests.rglob("*.py") if path != Path(__file__)]
    untested = {name for name in FAULTS if not any(f'"{name}' in text for text in texts)}
    assert untested == set(), "a test of tests/simulator/faults/test_server_faults.py has to show what it does"


def test_the_nearer_fault_answers_and_only_it_is_counted(ayx_simulator: Simulator, api: httpx.Client) -> None:
    for name in ("api.not_found", "api.server_error"):
        ayx_simulator.faults.set(name, times=1)
    assert [api.get("/v3/workflows").status_code for _ in range(3)] == [500, 404, 200]


def test_the_faults_can_be_listed_without_the_extra() -> None:
    program = (
        "import sys; sys.modules |= dict.fromkeys(('werkzeug', 'pytest_httpserver', 'trustme'));"
        "from ayx_simulator import FAULTS, run; code = run(['--list-faults']);"
        "sys.exit(code or (len(FAULTS) < 30))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.count("\n") == len(FAULTS)


def test_the_table_for_documentation_can_be_printed() -> None:
    command = [sys.executable, "-m", "ayx_simulator.faults"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60, encoding="utf-8")
    assert done.stdout.splitlines() == list(markdown())
