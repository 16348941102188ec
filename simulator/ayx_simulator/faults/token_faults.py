"""What is wrong with the token endpoint, with a client at it or with the tokens that it issues."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_plus

from ayx_simulator.server import places
from ayx_simulator.server.http_errors import ApiError, json_response, oauth2_error
from ayx_simulator.server.pages import html, legacy_documentation, no_such_page, sign_in_page
from ayx_simulator.server.places import ClientAuthentication, HostPath
from ayx_simulator.server.responses import broken, response
from ayx_simulator.server.switches import Fault

if TYPE_CHECKING:
    from werkzeug.wrappers import Request, Response

__all__ = ["FAULTS"]

_LIFETIMES: Mapping[str, object] = {"zero": 0, "negative": -3600, "text": "one hour"}


def _refused_client(said: ClientAuthentication, status: str) -> ClientAuthentication:
    return replace(said, refused_with=int(status))


def _only_style(said: ClientAuthentication, accepted: str) -> ClientAuthentication:
    if said.style == accepted or said.refused_with:
        return said
    return replace(said, refused_with=HTTPStatus.BAD_REQUEST)


def _urldecoded(said: ClientAuthentication, _argument: str) -> ClientAuthentication:
    if said.style != "basic":
        return said
    return replace(said, client_id=unquote_plus(said.client_id), secret=unquote_plus(said.secret))


def _only_oauth1(asked: HostPath, _argument: str) -> Response | None:
    if asked.in_web_api:
        return no_such_page()
    return legacy_documentation() if asked.path == "/gallery/api-docs" else None


def _redirected(request: Request, status: str) -> Response | None:
    # A load balancer that wants a slash at the end, where the endpoint then works: only that most clients ask for it
    # with GET, without the form (RFC 9110 15.4.2).
    if request.path.endswith("/"):
        return None
    return response(b"", int(status), {"Location": f"{request.path}/"})


def _no_token(_request: Request, kind: str) -> Response:
    return sign_in_page() if kind == "html" else json_response({"status": "ok"})


def _lifetime(token: dict[str, object], kind: str) -> dict[str, object]:
    if kind == "missing":
        return {name: value for name, value in token.items() if name != "expires_in"}
    return token | {"expires_in": _LIFETIMES[kind]}


def _throttled(_request: Request, status: str) -> Response:
    return json_response({"message": "Too many requests."}, int(status), {"Retry-After": "30"})


def _forbidden(_request: Request, _argument: str) -> Response:
    page = html("403 Forbidden", "<center><h1>403 Forbidden</h1></center><hr><center>nginx</center>", 403)
    page.headers["Server"] = "nginx"
    return page


FAULTS: tuple[Fault[Any, Any], ...] = (
    Fault(
        "token.invalid_client",
        "The token endpoint refuses every key and secret.",
        places.CLIENT,
        _refused_client,
        "400",
        ("400", "401"),
    ),
    Fault(
        "token.auth_style_mismatch",
        "Only one client-authentication style is accepted.",
        places.CLIENT,
        _only_style,
        "basic",
        ("body", "basic"),
    ),
    Fault(
        "token.basic_not_urlencoded",
        "Basic credentials are read as form-urlencoded (RFC 6749 2.3.1).",
        places.CLIENT,
        _urldecoded,
    ),
    Fault(
        "token.unsupported_grant_type",
        "The form never reaches the token endpoint, as if a gateway dropped it.",
        places.TOKEN_FORM,
        lambda _form, _: oauth2_error("unsupported_grant_type"),
    ),
    Fault(
        "token.invalid_scope",
        "A token request that names a scope is refused.",
        places.SCOPE,
        lambda _scope, _: oauth2_error("invalid_scope"),
    ),
    Fault(
        "token.not_found",
        "The token endpoint does not exist, though the host answers as Alteryx.",
        places.TOKEN_ENDPOINT,
        lambda _request, _: no_such_page(),
    ),
    Fault(
        "token.oauth1_only",
        "A Server before 2021.4: no Web API, only /gallery/api with OAuth 1.0a.",
        places.HOST,
        _only_oauth1,
    ),
    Fault(
        "token.method_changed_by_redirect",
        "The token request is redirected, which turns POST into GET in most clients.",
        places.TOKEN_ENDPOINT,
        _redirected,
        "301",
        ("301", "302"),
        precedence=2,
    ),
    Fault(
        "token.not_json",
        "The token endpoint answers 200 with a sign-in page, or JSON without a token.",
        places.TOKEN_ENDPOINT,
        _no_token,
        "html",
        ("html", "json"),
        precedence=6,
    ),
    Fault(
        "token.bad_lifetime",
        "expires_in is missing, zero, negative or text.",
        places.TOKEN,
        _lifetime,
        "zero",
        ("missing", *_LIFETIMES),
    ),
    Fault(
        "token.server_error",
        "The token endpoint answers 500.",
        places.TOKEN_ENDPOINT,
        lambda _request, _: ApiError(500, {"message": "An error has occurred."}).response(),
        precedence=5,
    ),
    Fault(
        "token.throttled",
        "The token endpoint says that it is called too often.",
        places.TOKEN_ENDPOINT,
        _throttled,
        "429",
        ("429", "503"),
        precedence=4,
    ),
    Fault(
        "token.forbidden",
        "A gateway answers 403 instead of the token endpoint.",
        places.TOKEN_ENDPOINT,
        _forbidden,
        precedence=3,
    ),
    Fault(
        "token.timeout",
        "The token endpoint reads the request and never answers.",
        places.TOKEN_ENDPOINT,
        lambda _request, _: broken(None, None, "hold"),
        precedence=1,
    ),
    Fault(
        "token.node_bound",
        "A token is good only at the address of the host that issued it.",
        places.OTHER_NODE,
        lambda _node, _: True,
    ),
)
