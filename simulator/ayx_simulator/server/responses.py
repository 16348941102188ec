"""What every answer of the Server is made with; werkzeug is imported with the first one.

It comes with an extra, and the faults, which answer too, can be listed without it.
"""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from werkzeug.wrappers import Response

__all__ = ["broken", "response"]


def response(
    body: str | bytes = b"",
    status: int = HTTPStatus.OK,
    headers: Mapping[str, str] | None = None,
    content_type: str | None = None,
) -> Response:
    """Return a whole answer."""
    from werkzeug.wrappers import Response

    return Response(body, status, headers, content_type=content_type)


def broken(whole: Response | None, body_sent: int | None, then: Literal["close", "reset", "hold"]) -> Response:
    """Return an answer that is announced whole and sent in part, see ``BrokenResponse``.

    Args:
        whole: What would be sent; ``None`` if it makes no difference.
        body_sent: How many octets of the body are sent; ``None`` stands for not even the status line.
        then: How the connection ends.
    """
    from .http_server import BrokenResponse

    return BrokenResponse(response() if whole is None else whole, body_sent, then)
