"""One stand-in Server for all tests of it, and a client that trusts its authority."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator

import httpx
import pytest
from ayx_simulator import ApiUser, Simulator


def fetch_token(server: Simulator, client: httpx.Client, user: ApiUser | None = None) -> str:
    user = user or server.curator
    form = {"grant_type": "client_credentials", "client_id": user.client_id, "client_secret": user.client_secret}
    answer = client.post(f"{server.web_api_address}/oauth2/token", data=form)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["access_token"])


@pytest.fixture(scope="session")
def trusting(_ayx_simulator_server: Simulator) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=_ayx_simulator_server.ca_bundle)


@pytest.fixture
def web(ayx_simulator: Simulator, trusting: ssl.SSLContext) -> Iterator[httpx.Client]:
    """A client without a token; addresses are relative to the Web API address."""
    with httpx.Client(
        base_url=ayx_simulator.web_api_address, verify=trusting, trust_env=False, timeout=10, follow_redirects=False
    ) as client:
        yield client


@pytest.fixture
def api_as(
    ayx_simulator: Simulator, trusting: ssl.SSLContext, web: httpx.Client
) -> Iterator[Callable[[ApiUser], httpx.Client]]:
    """Makes a client with the token of the given user."""
    opened: list[httpx.Client] = []

    def make(user: ApiUser) -> httpx.Client:
        client = httpx.Client(
            base_url=ayx_simulator.web_api_address,
            verify=trusting,
            trust_env=False,
            timeout=10,
            headers={"Authorization": f"Bearer {fetch_token(ayx_simulator, web, user)}"},
        )
        opened.append(client)
        return client

    yield make
    for client in opened:
        client.close()


@pytest.fixture
def api(ayx_simulator: Simulator, api_as: Callable[[ApiUser], httpx.Client]) -> httpx.Client:
    """A client with the Curator's token."""
    return api_as(ayx_simulator.curator)
