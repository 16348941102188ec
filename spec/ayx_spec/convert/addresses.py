"""Where the API lives: the Web API address stays with the caller, the rest of the base path goes into the paths."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

__all__ = ["WEB_API", "locate", "relative_address", "server_path"]

#: The segment that ends the Web API address: `https://host/webapi` (the vendor's "Web API address" setting).
WEB_API = "webapi"


def server_path(document: dict[str, Any]) -> str:
    """Return the path of the API's address without a slash at its end: `/webapi`, or "" for the root."""
    if "swagger" in document:
        return _joined((document.get("basePath") or "").split("/"))
    servers = document.get("servers") or [{}]
    return _joined(urlsplit(servers[0].get("url", "")).path.split("/"))


def locate(base: str, paths: Iterable[str]) -> tuple[str, dict[str, str]]:
    """Return the path of the address that a client is given, and each operation's path below it.

    `/webapi/v3` + `/users` is `/webapi` and `/v3/users`: one client serves all versions. So is an empty base with
    `/webapi/v3/users`. Without `webapi` in it, the base is given whole.
    """
    paths = list(paths)
    segments = base.split("/")
    spellings = [segment.lower() for segment in segments]
    if WEB_API in spellings:
        cut = spellings.index(WEB_API) + 1
        prefix = _joined(segments[cut:])
        return _joined(segments[:cut]), {path: prefix + path for path in paths}
    if paths and all(path.lower().startswith(f"/{WEB_API}/") for path in paths):
        return f"{base}/{WEB_API}", {path: path[len(WEB_API) + 1 :] for path in paths}
    return base, {path: path for path in paths}


def relative_address(url: str) -> str:
    """Return an address without scheme and host: those belong to one deployment, not to the API."""
    return urlsplit(url)._replace(scheme="", netloc="").geturl() or "/"


def _joined(segments: Iterable[str]) -> str:
    return "".join(f"/{segment}" for segment in segments if segment)
