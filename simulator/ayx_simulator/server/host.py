"""The Server's host: which of its programs a path belongs to, and at which of its places a request meets faults."""

from __future__ import annotations

import threading
from typing import Protocol

from werkzeug.wrappers import Request, Response

from .api import Api
from .documents import Documents
from .http_errors import ApiError
from .http_server import local_address
from .pages import gallery_page, no_such_page, swagger_ui
from .places import ARRIVAL, BASE_PATH, BODY, HEADERS, HOST, RESOURCE, TOKEN_ENDPOINT, HostPath
from .state import State
from .switches import Switches
from .token_endpoint import TokenEndpoint

__all__ = ["Host", "Site"]


class Site(Protocol):
    """Where the Web API is."""

    base_path: str

    @property
    def documented_address(self) -> str:
        """Where it is, as the documents say."""


class Host:
    """The Web API and the Server UI beside it.

    Args:
        site: Where the Web API is; looked at with every request.
        documents: The documents that it publishes.
        tokens: Its token endpoint.
        api: Its resources.
        faults: The simulator's switches.
        lock: Held while a resource is looked at or changed.
    """

    def __init__(
        self,
        site: Site,
        documents: Documents,
        tokens: TokenEndpoint,
        api: Api,
        *,
        faults: Switches,
        lock: threading.Lock,
    ) -> None:
        self._site = site
        self._documents = documents
        self._tokens = tokens
        self._api = api
        self._faults = faults
        self._lock = lock

    def answer(self, state: State, request: Request) -> Response:
        """Answer one request.

        Args:
            state: What the Server holds.
            request: The request.
        """
        try:
            response = self._faults.instead(ARRIVAL, request, request.path) or self._routed(state, request)
        except ApiError as error:
            response = error.response()
        response = self._faults.change(HEADERS, response, request.path)
        return self._faults.instead(BODY, response, request.path) or response

    def _routed(self, state: State, request: Request) -> Response:
        path = "/" + "/".join(segment for segment in request.path.split("/") if segment)
        base = self._faults.change(BASE_PATH, self._site.base_path, request.path).lower()
        asked = HostPath(path.lower(), path.lower() == base or path.lower().startswith(f"{base}/"))
        if (other := self._faults.instead(HOST, asked, request.path)) is not None:
            return other
        if asked.in_web_api:
            return self._web_api(state, request, path[len(base) :] or "/")
        if path == "/":
            return Response(b"", 302, {"Location": "/gallery/"})
        return gallery_page() if asked.path == "/gallery" else no_such_page()

    def _web_api(self, state: State, request: Request, path: str) -> Response:
        node = local_address(request)
        if path.lower() == "/oauth2/token":
            instead = self._faults.instead(TOKEN_ENDPOINT, request, request.path)
            return instead or self._tokens.answer(request, request.path, node)
        page = self._documentation(path.lower())
        if page is not None:
            return page
        resource = self._faults.instead(RESOURCE, request, request.path)
        with self._lock:
            return resource or self._api.answer(state, request, path, node)

    def _documentation(self, path: str) -> Response | None:
        address = self._site.documented_address
        if path == "/swagger":
            return Response(b"", 302, {"Location": f"{self._site.base_path}/swagger/ui/index"})
        if path in ("/swagger/ui", "/swagger/ui/index"):
            return swagger_ui(self._documents.versions, address)
        if path.startswith("/swagger/docs/"):
            document = self._documents.published(path.removeprefix("/swagger/docs/"), address)
            if document is not None:
                return Response(document, content_type="application/json; charset=utf-8")
            return ApiError(404, {"message": "Unknown API version."}).response()
        return None
