"""Whether a document is Alteryx Server's own: only there is anything repaired."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from ayx_spec.convert.addresses import locate, server_path
from ayx_spec.convert.validation import operations_of

__all__ = ["is_of_alteryx_server", "server_operations"]

Steps = tuple[str, ...]

_TITLE = "alteryx server"
_PARAMETER = re.compile(r"\{[^{}]*\}")
#: How the paths of the Server's resources begin, in all its APIs; ASP.NET matches them in any case.
_RESOURCES = re.compile(
    r"/(?:v3/(?:collections|credentials|dcm|dcmeconnections|jobs|schedules|serverdataconnections|subscriptions|usage"
    r"|usergroups|users|workflows)|v1/(?:workflows|jobs|\{\})|user/v2|admin/v[12])(?:/|$)"
)


def is_of_alteryx_server(document: dict[str, Any]) -> bool:
    """Whether a Swagger 2.0 document is the Server's: by its title, or because most of its paths are the Server's."""
    if _TITLE in str(document.get("info", {}).get("title", "")).lower():
        return True
    keys = [key.partition(" ")[2] for key, _, _ in server_operations(document)]
    return bool(keys) and 2 * sum(_RESOURCES.match(key) is not None for key in keys) > len(keys)


def server_operations(document: dict[str, Any]) -> Iterator[tuple[str, Steps, dict[str, Any]]]:
    """Yield every operation with a key that does not depend on spelling, and with its place.

    The key is the method and the path below the Web API address, such as ``get /v3/jobs/{}/messages``.
    """
    _, located = locate(server_path(document), [path for path in document["paths"] if path.startswith("/")])
    for method, path, operation in operations_of(document["paths"]):
        key = _PARAMETER.sub("{}", located[path]).lower()
        yield f"{method} {key}", ("paths", path, method), operation
