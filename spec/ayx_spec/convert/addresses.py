"""Where the API lives: the Web API address stays with the caller, the rest of the base path goes into the paths."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

__all__ = ["WEB_API", "locate", "server_path", "servers_of"]

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


def servers_of(document: dict[str, Any], base: str, server: str) -> list[dict[str, Any]]:
    """Return the `servers` of the converted document, so that Postman and its kin know where to send requests.

    Args:
        document: Swagger 2.0 or OpenAPI 3.
        base: The path of its address, as `server_path` gives it.
        server: The path that its operations are relative to now.

    Returns:
        One server a scheme (Swagger 2.0: `schemes`, `host`, `basePath`), or those that the document had. Without a host
        the path alone; nothing if that is the root.
    """
    if "swagger" not in document:
        return [_moved(entry, base, server) for entry in document.get("servers") or [] if entry.get("url")]
    if not document.get("host"):
        return [{"url": server}] if server else []
    # without `schemes` it is that of the document's own address, which is not known here
    schemes = document.get("schemes") or ["https"]
    return [{"url": f"{scheme}://{document['host']}{server}"} for scheme in dict.fromkeys(schemes)]


def _moved(entry: dict[str, Any], base: str, server: str) -> dict[str, Any]:
    """Return a server with the path that operations are relative to now, if it had the path of the first one."""
    url = str(entry["url"])
    path = urlsplit(url).path
    if _joined(path.split("/")) != base:
        return entry
    return {**entry, "url": url[: len(url) - len(path)] + server if url.endswith(path) and path else url + server}


def _joined(segments: Iterable[str]) -> str:
    return "".join(f"/{segment}" for segment in segments if segment)
