from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from ayx_connection.client import Server, connect
from ayx_connection.failures import ConnectionFailedError, ContentError, JobError, JobFailedError, JobTimeoutError
from ayx_connection.work import JobOutput, run_workflow, save_output, save_package, wait_for_job

StandIn = Any  # the class stands in conftest.py, which tests cannot import from
JOB = "/webapi/v1/jobs/j1?includeMessages=true"


@pytest.fixture
def server(plain: StandIn) -> Iterator[Server]:
    with connect(plain.base_url, client_id="8DA0000000000000", client_secret="5ec2e7" * 10) as server:
        yield server


def job(status: str, disposition: str = "None", **more: object) -> tuple[int, dict[str, str], bytes]:
    return 200, {}, json.dumps({"id": "j1", "status": status, "disposition": disposition, **more}).encode()


class Time:
    """Time that passes only while somebody sleeps; after each pause the next answer stands ready."""

    def __init__(self, plain: StandIn, *answers: tuple[int, dict[str, str], bytes]) -> None:
        self.now = 0.0
        self.pauses: list[float] = []
        self._plain, self._answers = plain, iter(answers)
        plain.answers[JOB] = next(self._answers)

    def clock(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.now += seconds
        self._plain.answers[JOB] = next(self._answers, self._plain.answers[JOB])


def test_running_a_workflow_sends_answers_and_priority(server: Server, plain: StandIn) -> None:
    plain.answers["/webapi/v1/workflows/w%2F1/jobs"] = job("Queued")
    started = run_workflow(server, "w/1", {"Year": "2024"}, priority="High")
    assert (started.id, started.status, started.has_ended) == ("j1", "Queued", False)
    assert json.loads(plain.calls[0].body) == {"questions": [{"name": "Year", "value": "2024"}], "priority": "High"}


def test_waiting_polls_ever_more_slowly_until_the_job_has_ended(server: Server, plain: StandIn) -> None:
    outputs = [{"id": "o1", "name": "a.csv", "formats": ["Csv"]}, {"id": "o2", "availableFormats": None}]
    answers = [job("Queued"), job("Running"), job("Running"), job("Completed", "Warning", outputs=outputs)]
    time = Time(plain, *answers)
    ended = wait_for_job(server, "j1", poll_s=1.5, clock=time.clock, sleep=time.sleep)
    assert time.pauses == [0.5, 1.0, 1.5]
    assert ended.outputs == (JobOutput("o1", "a.csv", ("Csv",)), JobOutput("o2", None, ()))


@pytest.mark.parametrize(("status", "disposition"), [("Cancelled", "None"), ("Completed", "Error"), ("Error", "None")])
def test_a_job_without_success_is_an_error_with_the_last_messages(
    status: str, disposition: str, server: Server, plain: StandIn
) -> None:
    plain.answers[JOB] = job(status, disposition, messages=[{"text": "File not found", "status": 3}])
    with pytest.raises(JobFailedError, match="File not found") as caught:
        wait_for_job(server, "j1")
    assert (caught.value.job_id, caught.value.status) == ("j1", status)


def test_a_deadline_is_kept(server: Server, plain: StandIn) -> None:
    time = Time(plain, job("Running"))
    with pytest.raises(JobTimeoutError, match="still Running") as caught:
        wait_for_job(server, "j1", deadline_s=12, clock=time.clock, sleep=time.sleep)
    assert isinstance(caught.value, TimeoutError)
    assert time.now == 12


def test_a_refusal_and_a_strange_answer(server: Server, plain: StandIn) -> None:
    plain.answers[JOB] = (404, {}, b"")
    with pytest.raises(httpx.HTTPStatusError):
        wait_for_job(server, "j1")
    plain.answers[JOB] = (200, {}, b"[]")
    with pytest.raises(JobError, match="no job"):
        wait_for_job(server, "j1")


def test_an_output_is_saved(server: Server, plain: StandIn, tmp_path: Path) -> None:
    plain.answers["/webapi/v1/jobs/j1/output/o1?format=Csv"] = (200, {}, b"a,b\n" * 100_000)
    path = save_output(server, "j1", "o1", tmp_path / "out.csv", output_format="Csv")
    assert path.read_bytes() == b"a,b\n" * 100_000
    assert plain.calls[0].headers["accept"] == "*/*"


@pytest.mark.parametrize("bad", ["", " ", "..", "%2e%2e", "a/../..", "..;", None])
def test_a_bad_id_is_refused_before_a_token_is_asked_for(
    server: Server, plain: StandIn, tmp_path: Path, bad: Any
) -> None:
    calls: tuple[Callable[[], object], ...] = (
        lambda: run_workflow(server, bad),
        lambda: wait_for_job(server, bad),
        lambda: save_output(server, bad, "o1", tmp_path / "o"),
        lambda: save_output(server, "j1", bad, tmp_path / "o"),
        lambda: save_package(server, bad, tmp_path / "w.yxzp"),
    )
    for call in calls:
        with pytest.raises(ValueError, match=r"^(workflow|job|output)_id "):
            call()
    assert plain.received == []
    assert list(tmp_path.iterdir()) == []


PAGE = b"<!DOCTYPE html><title>Sign in</title>"


@pytest.mark.parametrize(
    ("content_type", "content"),
    [
        ("text/html", PAGE),
        ("application/octet-stream", PAGE),
        ("application/json", b'{"message": "Sign in first."}'),
        ("application/octet-stream", b"no archive"),
        ("application/octet-stream", b""),
    ],
)
def test_what_is_no_package_is_never_written(
    server: Server, plain: StandIn, tmp_path: Path, content_type: str, content: bytes
) -> None:
    answer = (200, {"Content-Type": content_type}, content)
    plain.answers["/webapi/v3/workflows/w1/package"] = answer
    for call in (save_package, lambda *given: given[0].workflows.download_workflow_to_file(given[1], save_to=given[2])):
        with pytest.raises(ContentError, match="the answer is not a zip archive"):
            call(server, "w1", tmp_path / "w.yxzp")
    assert list(tmp_path.iterdir()) == []


def test_an_output_may_be_a_page_only_if_one_was_asked_for(server: Server, plain: StandIn, tmp_path: Path) -> None:
    for output_format in ("Html", "Raw"):
        where = f"/webapi/v1/jobs/j1/output/o1?format={output_format}"
        plain.answers[where] = (200, {"Content-Type": "text/html"}, PAGE)
    plain.answers["/webapi/v1/jobs/j1/output/o1?format=Yxdb"] = (200, {"Content-Type": "text/plain"}, b"gone")
    assert save_output(server, "j1", "o1", tmp_path / "o", output_format="Html").read_bytes() == PAGE
    assert save_output(server, "j1", "o1", tmp_path / "o.html").read_bytes() == PAGE
    with pytest.raises(ContentError):
        save_output(server, "j1", "o1", tmp_path / "p")
    with pytest.raises(ContentError, match="is not application/octet-stream"):
        save_output(server, "j1", "o1", tmp_path / "p", output_format="Yxdb")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["o", "o.html"]


def test_a_folder_gets_the_name_that_the_server_gives(server: Server, plain: StandIn, tmp_path: Path) -> None:
    named = {"Content-Disposition": 'attachment; filename="../Sales.yxzp"'}
    plain.answers["/webapi/v3/workflows/w1/package"] = (200, named, b"PK")
    assert save_package(server, "w1", tmp_path) == tmp_path / "Sales.yxzp"
    with pytest.raises(FileExistsError):
        save_package(server, "w1", tmp_path)


def test_a_package_replaces_the_file_only_when_complete(server: Server, plain: StandIn, tmp_path: Path) -> None:
    target = tmp_path / "w.yxzp"
    target.write_bytes(b"old")
    where = "/webapi/v3/workflows/w1/package"
    plain.answers[where] = (403, {}, b"no")
    with pytest.raises(httpx.HTTPStatusError):
        save_package(server, "w1", target)
    plain.answers[where] = (200, {"Content-Length": "100", "Connection": "close"}, b"PK")
    with pytest.raises(ConnectionFailedError):
        save_package(server, "w1", target)
    assert target.read_bytes() == b"old"
    plain.answers[where] = (200, {}, b"PK new")
    save_package(server, "w1", target)
    assert target.read_bytes() == b"PK new"
    assert list(tmp_path.iterdir()) == [target]


def test_an_odd_description_of_a_job_is_read_all_the_same(server: Server, plain: StandIn) -> None:
    odd = {"id": "j1", "status": "Completed", "disposition": 5, "outputs": {"id": 7, "formats": "Raw"}, "messages": 5}
    time = Time(plain, (200, {}, json.dumps({**odd, "status": 3}).encode()), (200, {}, json.dumps(odd).encode()))
    ended = wait_for_job(server, "j1", clock=time.clock, sleep=time.sleep)
    assert (ended.status, ended.disposition) == ("Completed", "5")
    assert ended.outputs == (JobOutput("7", None, ("Raw",)),)


def test_what_a_job_says_is_one_line_without_secrets(server: Server, plain: StandIn) -> None:
    server.redactor.add("s3cr3t-of-the-job")
    messages = [{"text": "boom\n::error::pwned\x1b[2J s3cr3t-of-the-job"}]
    time = Time(plain, job("Error", "Error\ns3cr3t-of-the-job", messages=messages))
    with pytest.raises(JobFailedError) as caught:
        wait_for_job(server, "j1", clock=time.clock, sleep=time.sleep)
    assert str(caught.value) == "job j1 ended as Error/Error ***: boom ::error::pwned [2J ***"
