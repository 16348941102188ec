"""What the walk decides, seen without a network that could be broken: decisions, and two addresses on loopback."""

from __future__ import annotations

import sys
from types import SimpleNamespace
from typing import Any, cast

import pytest
from ayx_diagnostics import diagnose
from ayx_diagnostics.model import Observation
from ayx_diagnostics.planner import _met_the_server
from ayx_diagnostics.planner.names import _of_family
from ayx_diagnostics.planner.session import Session
from ayx_diagnostics.probes import resolver
from ayx_simulator.peers.listener import Connection, Listener
from ayx_simulator.peers.raw_answers import response

TOKEN = b'{"access_token": "t0k3n-0123456789", "token_type": "bearer", "expires_in": 3599}'
ADDRESSES = ["127.0.0.1", "127.0.0.2"]


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


@pytest.mark.skipif(sys.platform == "darwin", reason="macOS has no 127.0.0.2 unless it is set up")
def test_the_token_is_tried_at_every_address_of_the_name(monkeypatch: pytest.MonkeyPatch) -> None:
    """The second one refuses it, as a node does that did not make it."""

    def serve(connection: Connection) -> None:
        request = connection.receive_until(b"\r\n\r\n")
        elsewhere = connection.socket.getsockname()[0] == ADDRESSES[1]
        if b"oauth2/token" in request:
            connection.send(response(200, TOKEN, content_type="application/json"))
        else:
            connection.send(response(401 if elsewhere else 200, b"[]", content_type="application/json"))
        connection.finish()

    with Listener(serve, ADDRESSES[0]) as listener, Listener(serve, ADDRESSES[1], listener.port):
        monkeypatch.setattr(resolver, "system_lookup", lambda *_, **__: lookup(*ADDRESSES))
        report = diagnose(
            f"http://localhost:{listener.port}/webapi", client_id="key", client_secret="the-secret-value", environ={}
        )
    assert report.verdict.code == "token.node_bound"
    assert all(address in report.findings[0].because[0] for address in ADDRESSES)
