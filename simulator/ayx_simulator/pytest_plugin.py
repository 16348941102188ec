"""Fixtures for the tests of scripts that call Alteryx Server: ``ayx_simulator`` and ``ayx_simulator_env``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from .simulator import Simulator

#: No package index has the toolkit, so that no command names it alone.
_MISSING = (
    "the stand-in Server needs the extra `simulator`: in a checkout of the toolkit run pip install '.[simulator]' "
    '-c constraints.txt (README, "Installing")'
)


@pytest.fixture(scope="session")
def _ayx_simulator_server() -> Iterator[Simulator]:
    for needed in ("pytest_httpserver", "trustme"):
        pytest.importorskip(needed, reason=_MISSING)
    # This module is imported in every run of pytest, used or not; only here do the needed packages matter.
    from .simulator import Simulator

    with Simulator() as simulator:
        yield simulator


@pytest.fixture
def ayx_simulator(_ayx_simulator_server: Simulator) -> Iterator[Simulator]:
    """A stand-in Alteryx Server over real TLS on loopback, as fresh as on the first day for every test.

    The environment is not changed: ``ayx_simulator_env`` does that.
    """
    _ayx_simulator_server.reset()
    yield _ayx_simulator_server
    _ayx_simulator_server.faults.clear()
    _ayx_simulator_server.check()


@pytest.fixture
def ayx_simulator_env(ayx_simulator: Simulator, monkeypatch: pytest.MonkeyPatch) -> Simulator:
    """The same, with the settings in the environment so that a script under test finds it by itself."""
    for name in ("ALTERYX_API_HOST", "ALTERYX_PROXY", "ALTERYX_PROFILE", "ALTERYX_CLIENT_AUTH", "ALTERYX_VERIFY_SSL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("ALTERYX_BASE_URL", ayx_simulator.web_api_address)
    monkeypatch.setenv("ALTERYX_CLIENT_ID", ayx_simulator.client_id)
    monkeypatch.setenv("ALTERYX_CLIENT_SECRET", ayx_simulator.client_secret)
    monkeypatch.setenv("ALTERYX_CA_BUNDLE", str(ayx_simulator.ca_bundle))
    return ayx_simulator
