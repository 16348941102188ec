"""How an operation that the simulator acts out is written down: a function under the operation's method and path."""

from __future__ import annotations

from collections.abc import Callable, Mapping, MutableMapping
from dataclasses import dataclass
from typing import Any

from werkzeug.wrappers import Request, Response

from .documents import route_key
from .http_errors import json_response, not_authorized, not_found, refused
from .records import ApiUser, Record
from .state import State

__all__ = ["ACTED_OUT", "Call", "acts_out"]


@dataclass(frozen=True, slots=True)
class Call:
    """One authorized request, as an operation sees it.

    Attributes:
        state: What the Server holds.
        user: Whose token was sent; its role is the one that counts.
        request: The request.
        path: Values of the path's parameters, in order.
        body: The decoded JSON or form body; ``None`` if there is none.
        quirks: Whether answers deviate from the document where the Server's do.
        secure: Whether the request came over TLS, which some operations want.
    """

    state: State
    user: ApiUser
    request: Request
    path: tuple[str, ...]
    body: Any
    quirks: bool
    secure: bool

    @property
    def is_curator(self) -> bool:
        """Whether the user may see and change everything."""
        return self.user.role == "Curator"

    def query(self, name: str) -> str:
        """Return a query value, empty if it is missing; names are matched without regard to case."""
        for given, value in self.request.args.items():
            if given.lower() == name.lower():
                return value
        return ""

    def flag(self, name: str, default: bool = False) -> bool:
        """Return a query value that is ``true`` or ``false``."""
        value = self.query(name).lower()
        return value == "true" if value else default

    @property
    def full_view(self) -> bool:
        """Whether ``view=Full`` was asked for."""
        return self.query("view").lower() == "full"

    def found(self, records: Mapping[str, Record], record_id: str | None = None) -> Record:
        """Return the record that the path's first parameter (or ``record_id``) names.

        Raises:
            ApiError: 404, there is none.
        """
        wanted = (self.path[0] if record_id is None else record_id).lower()
        if wanted not in records:
            raise not_found()
        return records[wanted]

    def referenced(self, records: Mapping[str, Record], field: str) -> Record:
        """Return the record whose id the body holds in ``field``.

        Raises:
            ApiError: 404, there is none.
        """
        wanted = str(self.body.get(field, "")).lower()
        if wanted not in records:
            raise not_found(f"The {field.removesuffix('Id')} was not found.")
        return records[wanted]

    def own_or_curator(self, owner_id: str) -> None:
        """Let only the owner and Curators go on.

        Raises:
            ApiError: 401, which the Server uses for this too.
        """
        if not self.is_curator and owner_id != self.user.user_id:
            raise not_authorized()

    def needs_tls(self) -> None:
        """Refuse over plain http, as DCM and the writing of credentials do.

        Raises:
            ApiError: 400.
        """
        if not self.secure:
            raise refused("This endpoint requires SSL/TLS to be enabled on the Server.")

    def page(self, found: list[Any]) -> list[Any]:
        """Apply ``offset`` and ``limit``, or ``page`` (from 0) and ``pageSize`` (0 for all).

        Raises:
            ApiError: 400, a value is no number.
        """
        offset, limit = self._number("offset"), self._number("limit")
        size = self._number("pageSize")
        if size:
            offset, limit = self._number("page") * size, size
        return found[offset : offset + limit] if limit else found[offset:]

    def _number(self, name: str) -> int:
        value = self.query(name)
        if not value:
            return 0
        if not value.isdecimal():
            raise refused(model_state={name: [f"The value '{value}' is not valid for {name}."]})
        return int(value)


Acted = Callable[[Call], Any]

#: route key -> what the simulator does. Everything else is answered with a sample of the right shape.
ACTED_OUT: MutableMapping[str, tuple[str, str, Acted]] = {}


def acts_out(*operations: str, status: int = 200) -> Callable[[Acted], Acted]:
    """Register a function for operations such as ``GET /v3/users/{userId}``.

    The function returns what is sent as JSON, ``None`` for an empty body, or a whole ``Response``.
    """

    def register(function: Acted) -> Acted:
        def answer(call: Call) -> Response:
            result = function(call)
            if isinstance(result, Response):
                return result
            return Response(b"", status) if result is None else json_response(result, status)

        for operation in operations:
            method, _, path = operation.partition(" ")
            ACTED_OUT[route_key(method, path)] = (method, path, answer)
        return function

    return register
