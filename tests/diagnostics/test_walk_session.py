from __future__ import annotations

import time

import pytest
from ayx_connection.settings import Settings
from ayx_diagnostics.model import Observation, Target
from ayx_diagnostics.network.system import SystemNetwork
from ayx_diagnostics.walk.session import OutOfTime, Session


def session(**changes: object) -> Session:
    values = {
        "settings": Settings.load({}, {}, None, None),
        "target": Target("h", "https://h/webapi", "https://h/webapi/oauth2/token", "https", "h", 443),
        "environ": {},
        "network": SystemNetwork(monotonic=lambda: 0.0),
        "max_time_s": 60.0,
    }
    return Session(**{**values, **changes})  # type: ignore[arg-type]  # test values by name


def test_observations_are_numbered_in_the_order_of_recording_and_freed_of_secrets() -> None:
    walk = session()
    walk.redactor.add("s3cret-token")
    first = walk.record(Observation("dns", "query", "h", 0, 0, "ok", {"said": "it is s3cret-token"}))
    second = walk.record(Observation("dns", "query", "h", 0, 0, "ok"))
    assert (first.id, second.id) == (1, 2)
    assert walk.observations[0].evidence == {"said": "it is ***"}


def test_a_timeout_never_exceeds_the_budget_and_a_spent_budget_ends_the_walk() -> None:
    now = [0.0]
    walk = session(network=SystemNetwork(monotonic=lambda: now[0]), max_time_s=10.0)
    assert walk.within_budget(5.0) == 5.0
    now[0] = 8.0
    assert walk.within_budget(5.0) == pytest.approx(2.0)
    now[0] = 10.0
    with walk.until_out_of_time():
        walk.within_budget(5.0)
        pytest.fail("the budget is spent")
    assert walk.ran_out_of_time


def test_stages_behind_the_last_and_skipped_ones_are_not_wanted() -> None:
    walk = session(last="tls", skip=frozenset({"dns"}))
    assert [walk.wants(stage) for stage in ("dns", "tcp", "tls", "http")] == [False, True, True, False]


def test_results_come_in_the_order_of_the_tasks_and_a_hanging_task_delays_nobody() -> None:
    started = time.monotonic()
    results = session().side_by_side([lambda: 1, lambda: time.sleep(30) or 2, lambda: 3], 0.2)
    assert results == [1, None, 3]
    assert time.monotonic() - started < 5


def test_a_spent_budget_in_one_task_leaves_the_others_alone_but_a_defect_is_not_hidden() -> None:
    def out_of_time() -> int:
        raise OutOfTime

    def defect() -> int:
        raise ZeroDivisionError

    assert session().side_by_side([out_of_time, lambda: 2], 1.0) == [None, 2]
    with pytest.raises(ZeroDivisionError):
        session().side_by_side([defect, lambda: 2], 1.0)
