"""``api.schema_drift``: warned of where Server and client are of different releases, and nowhere else."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from ayx_connection.api_document import Member, Shape, Surface, client_surface
from ayx_diagnostics import diagnose
from ayx_diagnostics.model import Observation, Report
from ayx_diagnostics.probes.api_document import problems
from ayx_diagnostics.rules import find
from ayx_simulator import Simulator
from hypothesis import given, settings
from hypothesis import strategies as st

DOCUMENTS = Path(__file__).parents[2] / "spec" / "documents"


def examined(simulator: Simulator, **options: Any) -> Report:
    report = diagnose(
        simulator.web_api_address,
        client_id=simulator.client_id,
        client_secret=simulator.client_secret,
        environ={},
        **options,
    )
    simulator.check()
    return report


def because(report: Report) -> list[str]:
    return [sentence for finding in report.findings for sentence in finding.because]


@contextmanager
def serving(**options: Any) -> Iterator[Simulator]:
    with Simulator(plain_http=True, **options) as simulator:
        yield simulator


# --- the walk ---------------------------------------------------------------------------------------------------------


def test_a_server_of_the_client_s_release_is_healthy() -> None:
    with serving() as simulator:
        report = examined(simulator)
    assert (report.verdict.status, because(report)) == ("healthy", [])
    seen = next(seen for seen in report.observations if seen.operation == "read_document")
    assert (seen.evidence["difference_count"], seen.evidence["status"]) == (0, 200)
    call = next(seen for seen in report.observations if seen.operation == "call")
    assert (call.evidence["problems"], call.evidence["items"]) == ([], 1)


def test_another_address_in_the_document_is_no_other_release() -> None:
    with serving(advertised="https://another.example/webapi/") as simulator:
        assert examined(simulator).verdict.status == "healthy"


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("enum", "[]/role: holds a value that is none of the documented ones"),
        ("required", "[]: 'canManageGenericVaultsDcm' is missing"),
        ("field", "[]: new here, and not in the document: 'addedByAnUpgrade'"),
    ],
)
def test_an_answer_that_does_not_fit_is_a_warning(kind: str, expected: str) -> None:
    with serving() as simulator:
        simulator.faults.set("api.schema_drift", kind)
        report = examined(simulator)
    assert (report.verdict.status, report.verdict.code) == ("degraded", "api.schema_drift")
    assert because(report) == [f"GET /webapi/v3/users: {expected}."]


@pytest.mark.parametrize(("generation", "first"), [("2025.1", "PUT /v3/credentials/{credentialId}"), ("2022.3", "PUT")])
def test_a_server_of_another_release_is_a_warning_that_names_the_first_differences(generation: str, first: str) -> None:
    with serving(generation=generation) as simulator:
        report = examined(simulator)
    assert (report.verdict.status, report.verdict.code) == ("degraded", "api.schema_drift")
    said = because(report)
    start = next(index for index, sentence in enumerate(said) if "own document differs" in sentence)
    assert said[start + 1].startswith(first)
    assert said[start + 1].endswith(": the Server does not have it.")


def test_a_smoke_test_of_another_release_warns_and_calls_nothing_that_is_not_there() -> None:
    from ayx_connection.settings import Settings
    from ayx_diagnostics.smoke.run import smoke
    from ayx_spec import bundled_documents
    from ayx_spec.convert import convert_files

    with serving(generation="2022.3") as simulator:
        given = {"client_id": simulator.client_id, "client_secret": simulator.client_secret}
        settings = Settings.load({"base_url": simulator.web_api_address, **given}, {}, options_from="argument")
        report = smoke(settings, convert_files(bundled_documents()).document, environ={})
        called = {(logged.method, logged.path, logged.status) for logged in simulator.requests}
    assert (report.verdict.status, report.verdict.code) == ("degraded", "api.schema_drift")
    assert [each for each in called if each[2] == 404] == []
    checks = {check.id: check for check in report.checks}
    assert checks["smoke.Jobs_GetJobsInQueue"].status == "skip"
    assert "'sourceAppId' is missing" in checks["smoke.Workflows_GetWorkflows"].summary
    assert checks["smoke.Collections_GetCollections"].status == "pass"


def test_what_is_known_may_be_another_document_than_the_client_s() -> None:
    known = Surface.of(json.loads((DOCUMENTS / "server-2025.1-v3.swagger.json").read_bytes()))
    with serving(generation="2025.1") as simulator:
        assert examined(simulator, known=known).verdict.status == "healthy"


@pytest.mark.parametrize("fault", ["http.html_instead_of_json", "http.body_cut", "http.gateway_5xx"])
def test_no_document_is_no_difference(fault: str) -> None:
    with serving() as simulator:
        simulator.faults.set(fault, path="/webapi/swagger")
        assert examined(simulator).verdict.status == "healthy"


def test_a_document_that_does_not_come_is_not_waited_for() -> None:
    with serving() as simulator:
        simulator.faults.set("http.body_stall", path="/webapi/swagger")
        started = time.monotonic()
        report = examined(simulator)
    assert report.verdict.status == "healthy"
    assert time.monotonic() - started < 10  # the read timeout alone is 30


def test_the_document_is_asked_for_without_the_token_and_only_for_the_api() -> None:
    with serving() as simulator:
        examined(simulator, only="token")
        assert not [each for each in simulator.requests if "swagger" in each.path]
        simulator.faults.set("api.unauthorized")
        report = examined(simulator)
    assert report.verdict.code == "api.unauthorized"
    assert [finding.code for finding in report.findings] == ["api.unauthorized"]


def test_nothing_that_a_user_wrote_is_in_the_report() -> None:
    with serving() as simulator:
        simulator.faults.set("api.schema_drift", "all")
        text = json.dumps([dict(seen.evidence) for seen in examined(simulator).observations], default=str)
        names = [user[key] for user in simulator.state.users.values() for key in ("email", "lastName", "id")]
    assert [name for name in names if name in text] == []


# --- one answer -------------------------------------------------------------------------------------------------------

ROLE = Member(Shape("string", values=("Viewer", "Curator")), required=True)
FULL = {"id": Member(Shape("string"), required=True), "role": ROLE, "age": Member(Shape("integer"))}
SHORT = {"id": Member(Shape("string"), required=True), "made": Member(Shape("string"), required=True)}
TREE = {"below": Member(Shape("array", items=Shape(model="Tree")))}
KNOWN = Surface({}, {"View": FULL, "ReducedView": SHORT, "Tree": TREE})
LIST = Shape("array", items=Shape(model="View"))


@pytest.mark.parametrize(
    ("answer", "full", "expected"),
    [
        ([], True, []),
        ([{"id": "1", "role": "Viewer"}], True, []),
        ([{"id": None, "role": None, "age": None}, None], True, []),
        ([{"id": "1", "made": "today"}], False, []),
        ([{"id": "1", "made": "today"}], True, ["[]: 'role' is missing"]),
        ([{"id": "1", "role": "Viewer", "made": "today"}], True, []),
        ([{"id": 1, "role": "King"}], True, ["[]/id: is integer, the document says string"]),
        ([{"id": "1", "role": "Viewer", "age": True}], True, ["[]/age: is boolean, the document says integer"]),
        ([{"id": "1", "role": "Viewer", "age": 1.5}], True, ["[]/age: is number, the document says integer"]),
        ([{"made": ""}] * 9, False, ["[]: 'id' is missing"]),
        ({"id": "1"}, True, ["the answer: is object, the document says array"]),
        ("text", True, ["the answer: is string, the document says array"]),
    ],
)
def test_an_answer_is_held_against_what_is_known(answer: Any, full: bool, expected: list[str]) -> None:
    assert problems(answer, LIST, KNOWN, full=full)[:1] == expected


def test_a_list_without_an_end_ends() -> None:
    answer: dict[str, Any] = {"below": []}
    for _ in range(5_000):
        answer = {"below": [answer]}
    assert problems(answer, Shape(model="Tree"), KNOWN) == []


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["id", "role", "x"]), inner, max_size=3)
    ),
    max_leaves=10,
)


@settings(deadline=None)
@given(JSON)
def test_no_answer_is_too_strange_to_be_held_against_the_document(answer: Any) -> None:
    known = client_surface()
    assert known is not None
    operation = known.find("GET", "/v3/users")
    assert operation is not None
    shape = operation.answers["200"]
    assert shape is not None
    assert len(problems(answer, shape, known, full=True)) <= 5


def test_a_document_that_lacks_most_of_the_api_is_no_release_of_the_server() -> None:
    paths = ("POST /v3/a", "POST /v3/b", "POST /v3/c", "POST /v3/d")
    said = {"differences": [f"{path}: the Server does not have it" for path in paths], "known": 5}
    for missing, found in ((paths, []), (paths[:3], ["api.schema_drift"])):
        seen = Observation(
            "api", "read_document", "GET /webapi/swagger/docs/3", 0.0, 0.1, "ok", {**said, "missing": list(missing)}
        )
        assert [finding.code for finding in find([seen])] == found
