"""The path of a call: below the Web API address of one Server, and nowhere else.

An HTTP library follows `..` and `//host` in a path, and with it goes the token of a call that meant something else.
"""

from __future__ import annotations

import re
from typing import Any

import httpx
from ayx_client.paths import why_no_segment

from ayx_connection.settings import ServerAddress

__all__ = ["call_target"]

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_LONGEST = 60


def call_target(address: ServerAddress, path: str, params: Any = None) -> tuple[str, Any]:
    """Return where a call goes, below the Web API address.

    Args:
        address: The Server.
        path: ``/v3/users``, with or without the slash, the path of the Web API (``/webapi/v3/users``) or the Server's
            whole address in front of it, and with or without a query.
        params: The query besides, as httpx takes it, or None.

    Returns:
        The path, which begins with a slash and has the query if there are no ``params``, and the ``params`` with it
        otherwise.

    Raises:
        ValueError: The path leads to another host, out of the Web API or out of itself.
    """
    if not path.strip():
        raise ValueError("the path of the call is empty: it looks like /v3/workflows")
    if not path.isprintable():
        raise ValueError(f"the path {_shown(path)} has a character that cannot be printed")
    where, _, query = path.partition("?")
    if "#" in path:
        raise ValueError(f"the path {_shown(where)} has a fragment (#), which is never sent: %23 is the character")
    if "\\" in where:
        raise ValueError(f"the path {_shown(where)} has a backslash, which some take for a slash: %5C is the character")
    below = _below(address, where)
    segments = below[1:].removesuffix("/").split("/")
    for segment in segments if below != "/" else ():
        if reason := why_no_segment(segment):
            raise ValueError(f"the path {_shown(where)} would lead elsewhere: {_shown(segment)} {reason}")
    if not query or not params:
        return f"{below}?{query}" if query else below, None if query else params
    return below, httpx.QueryParams(query).multi_items() + httpx.QueryParams(params).multi_items()


def _below(address: ServerAddress, where: str) -> str:
    """Return a path below the Web API address, with one slash in front, of any way to write it."""
    is_absolute = where.startswith("//") or _SCHEME.match(where.split("/", 1)[0])
    where = _path_at(address, where) if is_absolute else where.removeprefix("/")
    root = f"{address.prefix}/webapi".strip("/")
    for known in (root, "webapi"):
        if f"{where}/".lower().startswith(f"{known}/".lower()):
            where = where[len(known) + 1 :]
            break
    if where.startswith("/"):
        raise ValueError(f"the path {_shown(f'/{where}')} begins with two slashes, as the name of another host does")
    return f"/{where}"


def _path_at(address: ServerAddress, url: str) -> str:
    """Return the path of a URL of the Server, without its first slash."""
    path = "/".join(url.split("/")[3:])
    try:
        given = httpx.URL(url.lower())
        origin = given.scheme, given.raw_host.decode(), given.port or address.port, given.userinfo
    except httpx.InvalidURL:
        origin = None
    is_below = f"/{path}/".lower().startswith(f"{address.prefix}/webapi/".lower())
    if origin != (address.scheme, address.host, address.port, b"") or not is_below:
        raise ValueError(f"the path leads to another place than {address.web_api_address}, below which calls go")
    return path


def _shown(text: str) -> str:
    shown = ascii(text)
    return shown if len(shown) <= _LONGEST else shown[:_LONGEST] + "…"
