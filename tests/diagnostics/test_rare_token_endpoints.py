"""Token endpoints that few have met: one that reads Basic credentials as they are, one that refuses a scope unasked."""

from __future__ import annotations

from typing import Any

import pytest
from ayx_diagnostics import diagnose
from ayx_simulator import Simulator
from pytest_httpserver import HTTPServer

SECRET = "a+b/c%:d"


@pytest.mark.parametrize(
    ("client_auth", "status", "code"),
    [("basic", "broken", "token.basic_not_urlencoded"), ("auto", "healthy", None)],
)
def test_basic_credentials_that_are_not_decoded(client_auth: str, status: str, code: str | None) -> None:
    with Simulator(client_id="key", client_secret=SECRET) as simulator:
        report = diagnose(
            simulator.web_api_address,
            client_id="key",
            client_secret=SECRET,
            client_auth=client_auth,
            ca_bundle=str(simulator.ca_bundle),
            environ={},
        )
    assert (report.verdict.status, report.verdict.code) == (status, code)


def test_a_scope_is_refused_that_was_never_sent(httpserver: HTTPServer) -> None:
    sent: dict[str, Any] = {}

    def refuse(request: Any) -> Any:
        from werkzeug import Response

        sent.update(request.form)
        return Response('{"error":"invalid_scope"}', 400, content_type="application/json")

    httpserver.expect_request("/webapi/oauth2/token").respond_with_handler(refuse)
    report = diagnose(httpserver.url_for("/webapi"), client_id="key", client_secret="secret", environ={})
    assert (report.verdict.status, report.verdict.code) == ("broken", "token.invalid_scope")
    assert "scope" not in sent
