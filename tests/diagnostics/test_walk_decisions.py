"""What the walk decides, one decision at a time and without a network."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest
from ayx_diagnostics.model import Observation
from ayx_diagnostics.walk.other_addresses import Elsewhere
from ayx_diagnostics.walk.resolution import _of_family
from ayx_diagnostics.walk.route import Road
from ayx_diagnostics.walk.session import Session
from ayx_diagnostics.walk.stages import _met_the_server


def lookup(*addresses: str) -> Observation:
    return Observation("dns", "system_lookup", "localhost", 0.0, 0.01, "ok", {"addresses": list(addresses)})


@pytest.mark.parametrize(
    ("family", "outcome", "left"),
    [(None, "ok", ["10.0.0.7", "fd00::7"]), (4, "ok", ["10.0.0.7"]), (6, "ok", ["fd00::7"])],
)
def test_addresses_of_another_family_than_the_user_wants_are_left_out(
    family: int | None, outcome: str, left: list[str]
) -> None:
    session = SimpleNamespace(
        family=family, matches_family=lambda address: family is None or (":" in address) == (family == 6)
    )
    seen = _of_family(cast("Session", session), lookup("10.0.0.7", "fd00::7"))
    assert (seen.outcome, seen.evidence["addresses"]) == (outcome, left)
    only_other = _of_family(cast("Session", session), lookup("fd00::7" if family == 4 else "10.0.0.7"))
    assert (only_other.outcome == "nodata") is (family is not None)


@pytest.mark.parametrize(
    ("evidence", "met"),
    [
        ({"has_access_token": True, "verified": True}, True),
        ({"has_access_token": True}, True),  # plain http: there is no certificate
        ({"has_access_token": True, "verified": False}, False),
        ({"verified": True}, False),
    ],
)
def test_the_server_was_met_where_a_verified_peer_answers_as_it_does(evidence: dict[str, Any], met: bool) -> None:
    seen = Observation("token", "request", "https://server.lab.test/", 0.0, 0.01, "ok", evidence)
    assert _met_the_server(cast("Session", SimpleNamespace(last="api", observations=[seen]))) is met


def connect(address: str, outcome: str = "ok") -> Observation:
    return Observation("tcp", "connect", f"{address}:443", 0.0, 0.01, outcome, {"address": address, "port": 443})


def test_the_token_is_tried_at_the_other_addresses_that_accept() -> None:
    session = SimpleNamespace(
        observations=[connect("10.0.0.7"), connect("10.0.0.8"), connect("10.0.0.9", "timeout"), connect("fd00::7")]
    )
    road = SimpleNamespace(address="10.0.0.7")
    assert Elsewhere(cast("Session", session), cast("Road", road), None)._addresses() == ["10.0.0.8", "fd00::7"]
    behind_a_proxy = SimpleNamespace(address=None)
    assert Elsewhere(cast("Session", session), cast("Road", behind_a_proxy), None)._addresses() == []
